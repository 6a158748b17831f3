"""Imports whose worker or server dies in the middle: nothing is half imported, nothing is lost (R4.1)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from app.access.actors import Actor
from app.base.database import session
from app.roster.imports.services.batches import check_batch, receive_sheet
from app.roster.imports.services.writing import commit_batch
from app.workflow import queues
from tests.fixtures.outbox import end_waiting
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.servers import ROOT
from tests.roster.sheets import sheet, student

pytestmark = pytest.mark.slow
StartWorker = Callable[..., subprocess.Popen[bytes]]
STUDENTS = 12_000


@pytest.fixture(scope="module")
def large() -> bytes:
    """A sheet whose check and commit take long enough to be interrupted."""
    return sheet(*(student(院系="农学院") for _ in range(STUDENTS)))


@pytest.fixture
def school(actor_of: Callable[[str], Actor], app_context: Flask) -> Actor:
    """Who imports; nothing else waits on the queue."""
    queues.redis().flushall()
    return actor_of("school10284")


def value(sql: psycopg.Connection, query: str) -> object:
    row = sql.execute(query).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def imported(sql: psycopg.Connection) -> object:
    return value(
        sql, "SELECT count(*) FROM graduates g JOIN departments d ON d.id = department_id WHERE d.name = '农学院'"
    )


def wait_for(sql: psycopg.Connection, query: str, expected: object) -> None:
    until(
        lambda: value(sql, query) == expected,
        lambda: f"{query}: {value(sql, query)!r} instead of {expected!r}",
    )


@pytest.mark.parametrize("delay", [0.05, 0.4, 1.0])
def test_worker_killed_in_the_middle_of_a_check_leaves_nothing_and_another_goes_on(
    school: Actor, large: bytes, start_worker: StartWorker, sql: psycopg.Connection, delay: float
) -> None:
    batch = receive_sheet(large, "名单.xlsx", actor=school)
    progress = f"roster:progress:{batch.id}"
    worker = start_worker("bulk")
    until(lambda: queues.redis().exists(progress), "no check was begun", pause=0.01)
    time.sleep(delay)
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE)
    state = f"SELECT state FROM roster_batches WHERE id = {batch.id}"
    parts = f"SELECT count(*) FROM roster_batch_parts WHERE batch_id = {batch.id}"
    if value(sql, state) == "checking":
        assert value(sql, parts) == 0
    start_worker("bulk")
    end_waiting(sql)
    from app.workflow import delivery

    delivery.sweep()
    wait_for(sql, state, "ready")
    assert value(sql, f"SELECT new FROM roster_batches WHERE id = {batch.id}") == STUDENTS
    assert imported(sql) == 0
    sql.execute(f"UPDATE roster_batches SET state = 'refused' WHERE id = {batch.id}")  # type: ignore[arg-type]


COMMIT = """
import sys
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from app import create_app
from app.access.actors import load_actor
from app.base.database import session
from app.roster.imports.services.writing import commit_batch
with create_app().app_context():
    actor = load_actor(session.scalars(select(User.id).where(User.username == "school10284")).one())
    print("begin", flush=True)
    commit_batch(int(sys.argv[1]), actor=actor)
    print("done", flush=True)
"""


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3])
def test_server_killed_in_the_middle_of_a_commit_writes_all_or_nothing(
    school: Actor, large: bytes, sql: psycopg.Connection, delay: float
) -> None:
    from app.base.database import transaction
    from app.roster.imports.services.writing import undo_batch

    batch = receive_sheet(large, "名单.xlsx", actor=school)
    with transaction():
        check_batch(batch.id)
    session.commit()
    process = subprocess.Popen([sys.executable, "-c", COMMIT, str(batch.id)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"begin\n"
    time.sleep(delay)
    process.kill()
    process.wait(PATIENCE)
    wait_for(sql, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'", 0)
    state = value(sql, f"SELECT state FROM roster_batches WHERE id = {batch.id}")
    messages = value(sql, f"SELECT count(*) FROM outbox WHERE key LIKE 'roster-batch:{batch.id}:commit%'")
    assert (state, imported(sql), messages) in {("ready", 0, 0), ("committed", STUDENTS, STUDENTS // 1000)}
    session.expire_all()
    if state == "ready":
        assert commit_batch(batch.id, actor=school).state == "committed"
    assert imported(sql) == STUDENTS
    undo_batch(batch.id, actor=school)
    assert imported(sql) == 0
