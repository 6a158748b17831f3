"""Workers killed in the middle of a thousand invitations: none is lost, none is sent twice (R6.4)."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from app.signing.online.jobs import start_invitations
from app.workflow import background, history, queues
from tests.fixtures.patience import PATIENCE, until
from tests.signing.crowd import crowd
from tests.signing.stage import letter, user

StartWorker = Callable[..., subprocess.Popen[bytes]]
pytestmark = pytest.mark.slow


def _kill(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE)


def _first(sql: psycopg.Connection, query: str) -> object:
    row = sql.execute(query).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def _wait(sql: psycopg.Connection, query: str) -> None:
    until(lambda: _first(sql, query), query, pause=0.02)


def test_a_storm_of_kills_loses_no_invitation_and_doubles_none(
    app_context: Flask, start_worker: StartWorker, sql: psycopg.Connection
) -> None:
    ids = crowd(1000, like=user("graduate7"), unit=user("employer1"))
    job = start_invitations(ids, letter(), actor=user("employer1")).id
    dice = random.Random(11)
    done = f"SELECT done FROM jobs WHERE id = {job}"
    for _turn in range(4):
        worker = start_worker("bulk")
        before = int(str(_first(sql, done)))
        _wait(sql, f"SELECT done > {before} FROM jobs WHERE id = {job}")
        time.sleep(dice.uniform(0, 0.2))
        _kill(worker)
        assert int(str(_first(sql, done))) < 1000, "it was killed before the end"
        queues.redis().flushdb()
        sql.execute("UPDATE jobs SET touched_at = now() - interval '1 minute' WHERE state = 'running'")
        assert background.sweep() == 1
    start_worker("bulk")
    _wait(sql, f"SELECT state = 'done' FROM jobs WHERE id = {job}")
    counts = f"SELECT count(*), count(DISTINCT graduate_id) FROM online_signings WHERE graduate_id BETWEEN {ids[0]} AND {ids[-1]}"
    assert sql.execute(counts).fetchone() == (1000, 1000)  # type: ignore[arg-type]
    told = f"SELECT count(*), count(DISTINCT outcome->>'case_id') FROM job_items WHERE job_id = {job} AND (outcome->>'ok')::bool"
    assert sql.execute(told).fetchone() == (1000, 1000)  # type: ignore[arg-type]
    notices = "SELECT count(*), count(DISTINCT key) FROM outbox o JOIN online_signings s ON s.id = o.case_id"
    within = f"WHERE o.workflow = 'online_signing' AND s.graduate_id BETWEEN {ids[0]} AND {ids[-1]}"
    assert sql.execute(f"{notices} {within}").fetchone() == (1000, 1000)  # type: ignore[arg-type]
    assert sql.execute(f"SELECT outcome FROM jobs WHERE id = {job}").fetchone() == ({"created": 1000, "refused": 0},)
    assert not list(history.broken_links())
