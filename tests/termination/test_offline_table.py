"""W5: every (state, event, kind of account), what is allowed beside what is refused (workflows, W5)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.termination.offline.models import OfflineTermination
from app.termination.offline.workflow import OFFLINE_TERMINATION
from app.workflow import engine
from app.workflow.models import History, OutboxMessage
from tests.signing.stage import user
from tests.termination.offline_stage import REJECT, RETURN, STATES, Desk, allow

# The table of the specification, written down a second time: (state, event, kind) -> next state.
ALLOWED = {
    ("draft", "submit", "graduate"): "dept_review",
    ("returned", "submit", "graduate"): "dept_review",
    ("dept_review", "withdraw", "graduate"): "draft",
    ("dept_review", "approve", "department"): "school_review",
    ("dept_review", "return", "department"): "returned",
    ("dept_review", "reject", "department"): "rejected",
    ("school_review", "approve", "school"): "approved",
    ("school_review", "return", "school"): "returned",
    ("school_review", "reject", "school"): "rejected",
}
EVENTS = ("submit", "withdraw", "approve", "return", "reject")
DATA = {"approve": {"settlement": "mutual"}, "return": RETURN, "reject": REJECT}
# Each state has a graduate of its own: an application binds to the one signing in force.
CAST = {
    state: (f"graduate{place}", "dept10001a" if place < 4 else "dept10001b")
    for place, state in enumerate(STATES, start=1)
}
USERS = {"operator": "operator", "province": "province11", "school": "school10001", "employer": "employer1"}


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture(scope="module")
def cases(application: Flask, database: str) -> dict[str, int]:
    """One application in every state."""
    with application.app_context():
        allow(user("graduate1"), 5)
        found = {
            state: Desk(graduate, "school10001", department).bring(state).id
            for state, (graduate, department) in CAST.items()
        }
        session.remove()
    return found


def _actor(kind: str, state: str) -> Actor:
    graduate, department = CAST[state]
    if kind == "system":
        return SYSTEM
    return user({"graduate": graduate, "department": department, **USERS}[kind])


def _rows_written() -> tuple[int | None, ...]:
    return tuple(session.scalar(select(func.count()).select_from(model)) for model in (History, OutboxMessage))


@pytest.mark.parametrize("kind", [*KINDS, "system"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_triple_does_what_the_table_says(
    app_context: Flask, cases: dict[str, int], state: str, event: str, kind: str
) -> None:
    """An allowed event leads to the state of the table and is written down; a refused one leaves nothing."""
    actor = _actor(kind, state)
    expected = ALLOWED.get((state, event, kind))
    before = session.get_one(OfflineTermination, cases[state]).version
    rows = _rows_written()
    try:
        with transaction():
            if expected is None:
                with pytest.raises((Forbidden, Conflict, NotFound)) as refusal:
                    engine.fire("offline_termination", cases[state], event, actor=actor, data=DATA.get(event))
                assert isinstance(refusal.value, _refusal_for(event, kind))
                assert refusal.value.message
            else:
                case = engine.fire("offline_termination", cases[state], event, actor=actor, data=DATA.get(event))
                assert case.state == expected
                assert (_rows_written()[0] or 0) > (rows[0] or 0)
            raise _UndoError
    except _UndoError:
        pass
    session.expire_all()
    assert session.get_one(OfflineTermination, cases[state]).version == before
    assert _rows_written() == rows


def _refusal_for(event: str, kind: str) -> type[Exception]:
    """404 for units, whose scope no offline case is in; 403 where the role never can; 409 where the state is wrong."""
    if kind == "employer":
        return NotFound
    may_sometimes = any((row.event, kind) == (event, who) for row in OFFLINE_TERMINATION.transitions for who in row.who)
    return Conflict if may_sometimes else Forbidden


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [*KINDS, "system"])
def test_available_events_are_those_that_can_be_fired(
    app_context: Flask, cases: dict[str, int], state: str, kind: str
) -> None:
    """The API's `events` and the pages' buttons come from the same table."""
    case = engine.load(OFFLINE_TERMINATION, cases[state], actor=SYSTEM)
    expected = {event for (from_state, event, who) in ALLOWED if (from_state, who) == (state, kind)}
    assert set(engine.available(case, _actor(kind, state))) == expected


def test_the_table_names_every_state_and_event() -> None:
    """Nothing is missing from the table and nothing was added."""
    assert {state.name for state in OFFLINE_TERMINATION.states} == set(STATES)
    assert set(OFFLINE_TERMINATION.events) == {"create", *EVENTS}


def test_only_the_graduate_can_begin(app_context: Flask, cases: dict[str, int]) -> None:
    """Units and staff have no creating row."""
    for name in ("operator", "province11", "school10001", "dept10001a", "employer1"):
        with pytest.raises(Forbidden):
            engine.permits_creation(OFFLINE_TERMINATION, user(name))
    assert engine.permits_creation(OFFLINE_TERMINATION, user("graduate1")).event == "create"
