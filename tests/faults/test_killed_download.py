"""Workers killed while they make a file: nothing of it is left, another begins anew, and the trail has one line."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.workflow import background, queues
from tests.fixtures.patience import PATIENCE, until

StartWorker = Callable[..., subprocess.Popen[bytes]]
pytestmark = pytest.mark.slow


def test_a_killed_worker_leaves_no_half_file_and_no_second_line(
    app_context: Flask, api: Callable[..., Any], start_worker: StartWorker, sql: psycopg.Connection
) -> None:
    number = api("graduate1").get("/me/data?format=pdf").get_json()["job_id"]
    files = f"SELECT count(*) FROM job_files WHERE job_id = {number}"
    lines = "SELECT count(*) FROM audit_lines WHERE action = 'download' AND actor = 'graduate1'"
    state = f"SELECT state FROM jobs WHERE id = {number}"
    free = f"SELECT id FROM jobs WHERE id = {number} FOR UPDATE SKIP LOCKED"

    def asked(query: str) -> Any:
        row = sql.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None

    for _turn in range(2):
        worker = start_worker("bulk")
        until(lambda: asked(free) is None, "a worker has the job in hand", pause=0.01)
        worker.send_signal(signal.SIGKILL)
        worker.wait(PATIENCE)
        until(lambda: asked(free) is not None, "the row is free again", pause=0.05)
        assert (asked(state), asked(files), asked(lines)) == ("queued", 0, 0)
        queues.redis().flushdb()
        sql.execute(f"UPDATE jobs SET touched_at = now() - interval '1 minute' WHERE id = {number}")
        assert background.sweep() == 1
    start_worker("bulk")
    until(lambda: asked(state) == "done", "the file is made")
    assert (asked(files), asked(lines)) == (1, 1)
