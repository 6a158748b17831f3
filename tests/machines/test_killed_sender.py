"""Senders killed in the middle of a call: every event arrives at least once, under one id, in order for its record."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.base.database import session, transaction
from app.machines.webhooks.services import publish_waiting
from app.workflow import delivery
from tests.fixtures.outbox import end_waiting
from tests.fixtures.patience import PATIENCE, until
from tests.machines.receiver import Receiver
from tests.signing.stage import fire, invite, user

StartWorker = Callable[..., subprocess.Popen[bytes]]
pytestmark = pytest.mark.slow


def test_killed_senders_lose_nothing(
    fresh_database: str,
    app_context: Flask,
    hooked: Callable[..., int],
    receiver: Receiver,
    start_worker: StartWorker,
    sql: psycopg.Connection,
) -> None:
    hooked("employer1", "online_signing.*")
    cases = [invite(user("employer1"), user(name)) for name in ("graduate1", "graduate2", "graduate7", "graduate8")]
    for case in cases:
        fire(case, "withdraw", user("employer1"), reason="岗位取消")
    receiver.fault = "drop"  # it takes the message, and nobody here learns of it
    publish_waiting()
    with transaction():
        session.execute(text("DELETE FROM outbox WHERE kind <> 'webhook'"))
    for _turn in range(3):
        worker = start_worker("webhooks", WEBHOOK_ALLOW="127.0.0.1/32")
        tried = receiver.tried
        until(lambda: _try_again(sql) or receiver.tried > tried, lambda: "nothing was sent", pause=0.2)  # noqa: B023
        worker.send_signal(signal.SIGKILL)
        worker.wait(PATIENCE)
    receiver.fault = "none"
    start_worker("webhooks", WEBHOOK_ALLOW="127.0.0.1/32")
    done = "SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'"
    until(lambda: _try_again(sql) or _one(sql, done) == 8, lambda: f"{_one(sql, done)} of 8", pause=0.2)
    assert len(set(receiver.ids)) == 8
    assert len(receiver.ids) > 8
    assert receiver.wrong == []
    for case in cases:
        assert receiver.states_of(case.id) == ["invited", "withdrawn"]


def _try_again(sql: psycopg.Connection) -> bool:
    """What the clock does, without the pauses."""
    sql.execute("UPDATE webhooks SET rests_until = NULL")
    end_waiting(sql)
    delivery.sweep()
    time.sleep(0.3)
    return False


def _one(sql: psycopg.Connection, query: str) -> Any:
    row = sql.execute(query).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None
