"""W1: every (state, event, kind of account), what is allowed beside what is refused (workflows, W1)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from app.workflow.models import History, OutboxMessage
from tests.signing.stage import STATES, Stage, user

# The table of the specification, written down a second time: (state, event, kind) -> next state.
ALLOWED = {
    ("invited", "accept", "graduate"): "dept_review",
    ("invited", "decline", "graduate"): "declined",
    ("invited", "withdraw", "employer"): "withdrawn",
    ("dept_review", "abort", "graduate"): "aborted",
    ("dept_review", "approve", "department"): "school_review",
    ("dept_review", "reject", "department"): "rejected",
    ("school_review", "approve", "school"): "signed",
    ("school_review", "reject", "school"): "rejected",
    ("signed", "edit_category", "school"): "signed",
    ("signed", "void", "school"): "voided",
    ("signed", "terminate", "system"): "terminated",
}
EVENTS = ("accept", "decline", "expire", "withdraw", "abort", "approve", "reject", "edit_category", "terminate", "void")
DATA = {
    "withdraw": {"reason": "岗位取消"},
    "decline": {"reason": "另有去向"},
    "reject": {"reason_code": "9", "reason": "信息有误"},
    "edit_category": {"category": "21"},
    "void": {"reason": "双方协商一致"},
}
# Which graduate plays which state: a signed or reviewed one can play no other.
CAST = {"invited": "graduate1", "dept_review": "graduate2", "school_review": "graduate3", "signed": "graduate4"}
USERS = {
    "operator": "operator",
    "province": "province11",
    "school": "school10001",
    "employer": "employer1",
}


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture(scope="module")
def cases(application: Flask, database: str) -> dict[str, int]:
    """One case in every state."""
    with application.app_context():
        found = {}
        for state in STATES:
            graduate = CAST.get(state, "graduate5")
            found[state] = Stage("employer1", graduate, _department_of(graduate), "school10001").bring(state).id
        session.remove()
    return found


def _department_of(graduate: str) -> str:
    return "dept10001a" if graduate in ("graduate1", "graduate2", "graduate3") else "dept10001b"


def _actor(kind: str, state: str) -> Actor:
    graduate = CAST.get(state, "graduate5")
    if kind == "system":
        return SYSTEM
    if kind == "graduate":
        return user(graduate)
    return user(_department_of(graduate) if kind == "department" else USERS[kind])


def _rows_written() -> tuple[int | None, ...]:
    return tuple(session.scalar(select(func.count()).select_from(model)) for model in (History, OutboxMessage))


@pytest.mark.parametrize("kind", [*KINDS, "system"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_triple_does_what_the_table_says(
    app_context: Flask, cases: dict[str, int], state: str, event: str, kind: str
) -> None:
    """An allowed event leads to the state of the table and leaves one history row; a refused one leaves nothing."""
    actor = _actor(kind, state)
    expected = ALLOWED.get((state, event, kind))
    before = session.get_one(OnlineSigning, cases[state]).version
    rows = _rows_written()
    try:
        with transaction():
            if expected is None:
                with pytest.raises((Forbidden, Conflict)) as refusal:
                    engine.fire("online_signing", cases[state], event, actor=actor, data=DATA.get(event))
                assert isinstance(refusal.value, _refusal_for(event, kind))
                assert refusal.value.message
            else:
                case = engine.fire("online_signing", cases[state], event, actor=actor, data=DATA.get(event))
                assert case.state == expected
                assert _rows_written()[0] == (rows[0] or 0) + 1
                assert event == "terminate" or (_rows_written()[1] or 0) > (rows[1] or 0)
            raise _UndoError
    except _UndoError:
        pass
    session.expire_all()
    assert session.get_one(OnlineSigning, cases[state]).version == before
    assert _rows_written() == rows


def _refusal_for(event: str, kind: str) -> type[Exception]:
    """403 where the role can never fire the event, 409 where only the state is wrong (api.md, Errors)."""
    may_sometimes = any((row.event, kind) == (event, who) for row in ONLINE_SIGNING.transitions for who in row.who)
    return Conflict if may_sometimes else Forbidden


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [*KINDS, "system"])
def test_available_events_are_those_that_can_be_fired(
    app_context: Flask, cases: dict[str, int], state: str, kind: str
) -> None:
    """The API's `events` and the pages' buttons come from the same table."""
    case = engine.load(ONLINE_SIGNING, cases[state], actor=SYSTEM)
    expected = {event for (from_state, event, who) in ALLOWED if (from_state, who) == (state, kind)}
    assert set(engine.available(case, _actor(kind, state))) == expected


def test_the_table_names_every_state_and_event() -> None:
    """Nothing is missing from the table and nothing was added."""
    assert {state.name for state in ONLINE_SIGNING.states} == set(STATES)
    assert set(ONLINE_SIGNING.events) == {"invite", *EVENTS}
