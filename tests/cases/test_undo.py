"""A verdict can be taken back for ten seconds: nothing leaves before, everything is as it was after, history grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from app.base.database import Model, session
from app.base.errors import Conflict, Forbidden, NotFound
from app.cases.services import undo_verdict
from app.workflow import delivery, history, registry
from app.workflow.models import History, OutboxMessage, Undo
from tests.signing.stage import Stage, fire, user
from tests.termination import stage as terminations

REJECT = {"reason_code": "9", "reason": "信息有误"}
MOVES = {"version", "updated_at"}
# What no verdict takes back: proofs and trails, messages, work, log-ins, and numbers given once.
NEVER = frozenset(
    (
        *("history", "history_heads", "audit_lines", "audit_blocks", "agreement_serials", "agreement_numbers"),
        *("outbox", "jobs", "job_items", "undos", "undo_images", "idempotency_keys", "verification_codes"),
        *("events", "webhook_deliveries", "figure_changes"),
        *("login_sessions", "second_factors", "known_devices", "data_keys", "notifications", "notice_deliveries"),
    )
)


@pytest.fixture(autouse=True)
def _ten_seconds(fresh_database: str, app_context: Flask, change_settings: Callable[..., None]) -> None:
    change_settings(undo_seconds=10)


def _settled() -> None:
    """Nothing of what was decided so far can be taken back any more."""
    session.execute(delete(Undo))
    session.execute(update(OutboxMessage).values(not_before=None, undo_id=None))
    session.commit()
    _leave()


def _people(graduate: str = "graduate1") -> Stage:
    return Stage("employer1", graduate, terminations.department_of(graduate), "school10001")


def _everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables but those that only grow; of cases what is bound to move is left out."""
    session.commit()
    cases = {flow.model.__tablename__ for flow in registry.all_workflows()}  # type: ignore[attr-defined]
    found = {}
    for name in sorted(set(Model.metadata.tables) - NEVER):
        rows = session.scalars(text(f"SELECT to_jsonb(t.*) FROM {name} t")).all()
        left_out = MOVES if name in cases else set()
        plain = [{key: value for key, value in row.items() if key not in left_out} for row in rows]
        found[name] = sorted(plain, key=repr)
    return found


def _leave() -> int:
    """Let everything leave whose time has come; returns how many messages are done."""
    delivery.sweep()
    waiting = select(OutboxMessage.id).where(OutboxMessage.status == "queued").order_by(OutboxMessage.id)
    for number in session.scalars(waiting).all():
        delivery.deliver(number)
    return session.scalar(select(func.count()).where(OutboxMessage.status == "done")) or 0


def _events(workflow: str, case_id: int) -> list[str]:
    return [row.event for row in history.of_case(workflow, case_id)]


def test_every_table_of_a_workflow_is_watched() -> None:
    watched = set(
        session.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_undo_image'"))
    )
    assert {flow.model.__tablename__ for flow in registry.all_workflows()} <= watched  # type: ignore[attr-defined]
    assert not watched & NEVER
    assert set(Model.metadata.tables) >= NEVER


@pytest.mark.parametrize("state", ["dept_review", "school_review"])
@pytest.mark.parametrize(("event", "data"), [("approve", {}), ("reject", REJECT)])
def test_signing_is_as_it_was(state: str, event: str, data: dict[str, Any], ems: Any) -> None:
    people = _people()
    case = people.bring(state)
    _settled()
    actor = people.school if state == "school_review" else people.department
    before, told, version = _everything(), _leave(), case.version
    decided = fire(case, event, actor, **data)
    assert decided.state != state
    assert _leave() == told, "something has left within the ten seconds"
    back = undo_verdict("online_signing", case.id, actor=actor)
    assert (back.state, back.number, back.version > version + 1) == (state, None, True)
    assert _everything() == before
    assert not session.scalar(select(func.count()).where(OutboxMessage.not_before.is_not(None)))
    assert _events("online_signing", case.id)[-2:] == [event, "undo"]
    assert not list(history.broken_links())


def test_decided_again_after_it_was_taken_back(ems: Any) -> None:
    people = _people()
    case = people.bring("school_review")
    first = fire(case, "approve", people.school).number
    undo_verdict("online_signing", case.id, actor=people.school)
    again = fire(case, "approve", people.school)
    assert again.number not in (None, first)  # one number once
    assert [one["role"] for one in again.snapshot["confirmations"]] == ["employer", "graduate", "department", "school"]
    before = _leave()
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=11)):
        assert _leave() > before
        with pytest.raises(Conflict) as refused:
            undo_verdict("online_signing", case.id, actor=people.school)
    assert refused.value.code == "too_late"


def test_end_of_an_agreement_is_taken_back_with_the_termination(ems: Any) -> None:
    stage = terminations.TerminationStage()
    case = stage.bring("school_review")
    before, signing_id = _everything(), case.signing_id
    terminations.fire(case, "approve", stage.school, settlement="mutual")
    undo_verdict("online_termination", case.id, actor=stage.school)
    assert _everything() == before
    assert _events("online_signing", signing_id)[-1] == _events("online_termination", case.id)[-1] == "undo"
    assert not list(history.broken_links())


def test_only_who_decided_and_only_while_nobody_goes_on() -> None:
    people, other = _people(), user("school10002")
    case = people.bring("dept_review")
    fire(case, "reject", people.department, **REJECT)
    for actor, refusal in ((people.school, Forbidden), (people.graduate, Forbidden), (other, NotFound)):
        with pytest.raises(refusal):
            undo_verdict("online_signing", case.id, actor=actor)
    people.bring("invited")  # the graduate is invited anew, and accepts
    with pytest.raises(Conflict) as refused:
        undo_verdict("online_signing", case.id, actor=people.department)
    assert refused.value.code == "too_late"
    assert case.state == "rejected"


def test_next_step_closes_the_window_of_the_last() -> None:
    people = _people()
    case = people.bring("dept_review")
    fire(case, "approve", people.department)
    fire(case, "approve", people.school)
    with pytest.raises(Forbidden):
        undo_verdict("online_signing", case.id, actor=people.department)
    undo_verdict("online_signing", case.id, actor=people.school)
    for actor in (people.department, people.school):  # the record has changed since the department decided
        with pytest.raises(Conflict):
            undo_verdict("online_signing", case.id, actor=actor)
    assert _events("online_signing", case.id)[-3:] == ["approve", "approve", "undo"]


def test_bulk_verdicts_are_taken_back_one_by_one(api: Any) -> None:
    cases = [_people(name).bring("school_review") for name in ("graduate1", "graduate4")]
    session.commit()
    before = _everything()
    headers = {"Idempotency-Key": "together"}  # one transaction around both
    done = api("school10001").post(
        "/online_signing/bulk/approve", {"ids": [case.id for case in cases]}, headers=headers
    )
    assert [one["ok"] for one in done.get_json()["result"]] == [True, True]
    for case in cases:
        answer = api("school10001").post(f"/online_signing/{case.id}/undo")
        assert (answer.status_code, answer.get_json()["result"]["state"]) == (200, "school_review"), answer.text
        assert api("school10001").post(f"/online_signing/{case.id}/undo").status_code == 409
    after = _everything()
    assert {name for name in before if before[name] != after[name]} <= {
        "ab_user",
        "known_devices",
        "login_sessions",
        "accounts",
    }


@pytest.mark.parametrize("as_job", [False, True])
def test_bulk_verdicts_are_taken_back_together(
    app: Flask, api: Any, change_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch, as_job: bool
) -> None:
    from app.cases import jobs
    from tests.fixtures.outbox import run_jobs

    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1 if as_job else 100)
    ids = [_people(name).bring("school_review").id for name in ("graduate1", "graduate4")]
    session.commit()
    _settled()
    left, school = _leave(), api("school10001")
    decided = school.post("/online_signing/bulk/approve", {"ids": ids}).get_json()
    if as_job:
        run_jobs(app)
    sent = {"job_id": decided["job_id"]} if as_job else {"ids": [*ids, 10**12]}
    assert api("school10002").post("/online_signing/bulk/undo", sent).status_code == (404 if as_job else 200)
    answer = school.post("/online_signing/bulk/undo", sent)
    assert answer.status_code == (202 if as_job else 200), answer.text
    assert _leave() == left  # held while they are taken back
    if as_job:
        run_jobs(app)
        outcomes = school.get(f"/jobs/{answer.get_json()['job_id']}").get_json()["result"]["outcome"]["result"]
    else:
        outcomes = answer.get_json()["result"]
    assert [one["ok"] for one in outcomes] == [True, True] + [False] * (not as_job)
    assert {school.get(f"/online_signing/{one}").get_json()["result"]["state"] for one in ids} == {"school_review"}


def test_undo_waits_for_nobody_who_delivers(app_context: Flask, change_settings: Any, sql: Any, ems: Any) -> None:
    """Who delivers may need the case that the undo holds: each waiting for the other would be a deadlock."""
    people = _people()
    case = people.bring("school_review")
    _settled()
    change_settings(undo_seconds=60)
    case_id = fire(case, "approve", people.school).id
    with sql.transaction():
        held = "SELECT id FROM outbox WHERE undo_id IN (SELECT id FROM undos WHERE case_id = %s) LIMIT 1 FOR UPDATE"
        assert sql.execute(held, (case_id,)).fetchone()
        # It would wait for ever, if it waited for the other to end.
        with pytest.raises(Conflict) as refused:
            undo_verdict("online_signing", case_id, actor=people.school)
        assert refused.value.code == "too_late"
    session.rollback()
    undo_verdict("online_signing", case_id, actor=people.school)
    session.expire_all()
    assert session.get_one(type(case), case_id).state == "school_review"


@pytest.mark.parametrize("early", [0.35, 0.15, 0.05, 0.0, -0.05])
def test_undo_and_sweeper_at_the_same_moment(app: Flask, change_settings: Any, early: float, ems: Any) -> None:
    people = _people()
    case = people.bring("school_review")
    _settled()
    told = _leave()
    change_settings(undo_seconds=1)
    case_id, actor = fire(case, "approve", people.school).id, people.school
    until = time.monotonic() + 1
    outcome: list[str] = []

    def sweep() -> None:
        with app.app_context():
            while time.monotonic() < until + 0.5:
                _leave()
                session.rollback()

    def take_back() -> None:
        time.sleep(max(0.0, until - early - time.monotonic()))
        with app.app_context():
            try:
                undo_verdict("online_signing", case_id, actor=actor)
                outcome.append("undone")
            except Conflict as refused:
                outcome.append(refused.code)

    threads = [threading.Thread(target=one) for one in (sweep, sweep, take_back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    session.rollback()
    session.expire_all()
    case, done = session.get_one(type(case), case_id), _leave()
    if outcome == ["undone"]:
        assert (case.state, case.number, done) == ("school_review", None, told)
    else:
        assert outcome == ["too_late"]
        assert case.state == "signed"
        assert done > told
    assert not list(history.broken_links())
    assert session.scalar(select(func.count()).select_from(History))
