"""What is kept for how long: a table that says so, and a job that obeys it (moved clock, real rows)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text

from app.access import sessions
from app.access.accounts import account_named
from app.access.audit import AuditLine
from app.access.devices import note_device
from app.base import clock
from app.base.database import session, transaction
from app.base.settings import settings
from app.documents.models import StoredFile
from app.documents.storage import storage
from app.notices.models import Notification
from app.retention import services
from app.retention.rules import ANONYMISE, RULES, Rule
from app.workflow.models import Job, JobFile, JobItem, OutboxMessage
from tests.notices.browser import logged_in

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
DAY = timedelta(days=1)


def _rule(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


def _user() -> int:
    account = account_named("graduate1")
    assert account is not None
    return account.user_id


def _write(name: str) -> None:
    """One row of this kind, written now."""
    user_id, account = _user(), account_named("graduate1")
    assert account is not None
    with transaction():
        if name == "known_devices":
            note_device(account, cookie=secrets.token_hex(8), ip="192.0.2.1", agent="x")
        elif name == "login_sessions":
            sessions.open_session(user_id, door="api", ip=None, lifetime=timedelta(hours=1))
        elif name == "job_results":
            job = Job(kind="x", user_id=user_id, total=1, state="done", finished_at=clock.now())
            session.add(job)
            session.flush()
            session.add(JobItem(job_id=job.id, position=0, payload={"name": "王"}))
        elif name == "job_files":
            job = Job(kind="x", user_id=user_id, total=1, state="done")
            session.add(job)
            session.flush()
            session.add(JobFile(job_id=job.id, name="x", mime="x", content=b"x"))
        elif name == "notifications":
            session.add(Notification(user_id=user_id, template="x", reader="graduate", event="x", title="x", text="x"))
        elif name == "messages":
            values = {"key": secrets.token_hex(8), "payload": {"facts": {"graduate": "王"}}, "done_at": clock.now()}
            session.add(OutboxMessage(kind="letter", status="done", **values))


@pytest.mark.parametrize("name", ["known_devices", "login_sessions", "job_results", "notifications", "messages"])
def test_rows_stay_to_the_last_day_and_go_after_it(name: str) -> None:
    rule = _rule(name)
    services.obey_rules()
    _write(name)
    kept = rule.kept() or timedelta(hours=1)
    due = {kept - timedelta(minutes=10): 0, kept + timedelta(hours=2): 1}
    for passed, wanted in due.items():
        with time_machine.travel(clock.now() + passed, tick=False):
            before = services.due_of(rule)
            assert bool(before) is bool(wanted), (name, passed, before)
            services.obey_rules()
            assert services.due_of(rule) == 0


def test_job_goes_with_its_items_and_a_message_keeps_its_key() -> None:
    for name in ("job_results", "messages"):
        _write(name)
    with time_machine.travel(clock.now() + 200 * DAY, tick=False):
        services.obey_rules()
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(JobItem).where(JobItem.outcome.is_(None))) == 0
    message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert message is not None  # by its key a repetition is still known
    assert message.payload == {}


def test_files_of_forgotten_drafts_go_and_those_of_records_stay(api: Callable[..., Any]) -> None:
    made = {}
    for who, stage in (("graduate1", "draft"), ("graduate2", "review")):
        draft = api(who).post("/destination/", {"type": "70", "data": {}, "submit": False})
        assert draft.status_code == 201, draft.text
        number = draft.get_json()["id"]
        with transaction():
            session.execute(text("UPDATE destinations SET stage = :to WHERE id = :id"), {"to": stage, "id": number})
            file = StoredFile(
                workflow="destination",
                case_id=number,
                kind="proof",
                name="x.jpg",
                mime="image/jpeg",
                size=1,
                sha256=secrets.token_bytes(32),
                created_by="x",
            )
            session.add(file)
            session.flush()
            made[stage] = file.id
    for days, left in ((179, {"draft", "review"}), (182, {"review"})):
        with time_machine.travel(clock.now() + days * DAY, tick=False):
            services.obey_rules()
        session.expire_all()
        kept = set(session.scalars(select(StoredFile.id).where(StoredFile.id.in_(made.values()))))
        assert kept == {made[stage] for stage in left}, days


def test_content_that_no_record_names_goes_after_a_week_and_what_is_wanted_again_stays() -> None:
    """Killed uploads and forgotten drafts leave content behind; a step taken back, or the same file sent again, wants it."""
    content = {name: secrets.token_bytes(30) for name in ("killed", "named", "named later", "sent again")}
    keys = {name: storage().put(one) for name, one in content.items()}

    def name_it(name: str) -> None:
        row = {"workflow": "destination", "case_id": secrets.randbelow(10**9), "kind": "proof", "name": "x.jpg"}
        with transaction():
            sha256 = bytes.fromhex(keys[name])
            session.add(StoredFile(mime="image/jpeg", size=1, sha256=sha256, created_by="x", **row))

    def a_day_later(days: int) -> None:
        start = clock.now() + days * DAY
        for hour in range(24):  # each looks through its part of the store
            with time_machine.travel(start + timedelta(hours=hour), tick=False):
                services.obey_rules()

    name_it("named")
    a_day_later(0)
    assert all(storage().open(key).read() for key in keys.values()), "nothing goes at the first look"
    name_it("named later")
    folder = settings().var_dir / "files"
    week_later = (clock.now() + 8 * DAY).timestamp()
    os.utime(folder / keys["sent again"][:2] / keys["sent again"], (week_later, week_later))
    a_day_later(9)
    left = {name for name, key in keys.items() if (folder / key[:2] / key).exists()}
    assert left == {"named", "named later", "sent again"}
    assert services.due_of(_rule("orphaned_files")) == 0


def test_work_is_done_in_bounded_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PIECE", 2)
    monkeypatch.setattr(services, "MOST_PIECES", 2)
    for _one in range(5):
        _write("job_results")
    with time_machine.travel(clock.now() + 100 * DAY, tick=False):
        assert services.due_of(_rule("job_results")) == 5
        services.obey_rules()
        assert services.due_of(_rule("job_results")) == 1
        services.obey_rules()
        assert services.due_of(_rule("job_results")) == 0


def test_trail_says_what_went() -> None:
    _write("known_devices")
    with time_machine.travel(clock.now() + 400 * DAY, tick=False):
        services.obey_rules()
    line = session.scalars(
        select(AuditLine).where(AuditLine.action == "retention").order_by(AuditLine.id.desc())
    ).first()
    assert line is not None
    assert line.detail["known_devices"] >= 1


def test_rules_are_complete() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert _rule("audit_lines").kept() >= 180 * DAY
    assert all(rule.source and rule.what for rule in RULES)
    assert [rule.name for rule in RULES if rule.then == ANONYMISE] == ["messages"]


def test_operators_read_the_table_and_the_command_prints_it(app_context: Flask) -> None:
    page = logged_in(app_context, "operator").get("/staff/retention/list/")
    assert page.status_code == 200
    assert "审计日志" in page.text
    assert "180" in page.text
    assert logged_in(app_context, "school10001").get("/staff/retention/list/").status_code in (302, 403)
    said: Any = app_context.test_cli_runner().invoke(args=["retention", "show"])
    assert said.exit_code == 0, said.output
    assert all(rule.name in said.output for rule in RULES)
    assert app_context.test_cli_runner().invoke(args=["retention", "run"]).exit_code == 0
