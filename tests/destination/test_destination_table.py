"""W6: every (state, event, kind of account), what is allowed beside what is refused (workflows, W6)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.destination.models import Destination
from app.destination.workflow import DESTINATION
from app.workflow import engine
from app.workflow.models import History, OutboxMessage
from tests.destination.stage import REJECT, RETURN, STATES, Stage, example, types
from tests.signing.stage import user

# The table of the specification, written down a second time: (state, event, kind) -> next state.
ALLOWED = {
    ("draft", "submit", "graduate"): "dept_review",
    ("returned", "submit", "graduate"): "dept_review",
    ("dept_review", "withdraw", "graduate"): "draft",
    ("dept_review", "approve", "department"): "school_review",
    ("dept_review", "return", "department"): "returned",
    ("dept_review", "reject", "department"): "rejected",
    ("dept_review", "amend", "department"): "dept_review",
    ("school_review", "approve", "school"): "approved",
    ("school_review", "return", "school"): "returned",
    ("school_review", "reject", "school"): "rejected",
    ("school_review", "amend", "school"): "school_review",
    ("approved", "void", "graduate"): "voided",
    ("approved", "void", "system"): "voided",
}
EVENTS = ("submit", "withdraw", "approve", "return", "reject", "amend", "void")
# Which graduate plays which state: a bound one can play no other.
CAST = {"dept_review": "graduate1", "school_review": "graduate2", "approved": "graduate3", "returned": "graduate4"}
OTHERS = "graduate5"
USERS = {"operator": "operator", "province": "province11", "school": "school10001", "employer": "employer1"}


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


def _department_of(graduate: str) -> str:
    return "dept10001a" if graduate in ("graduate1", "graduate2", "graduate3") else "dept10001b"


@pytest.fixture(scope="module")
def cases(application: Flask, database: str) -> dict[str, int]:
    """One case in every state."""
    with application.app_context():
        found = {}
        for state in STATES:
            graduate = CAST.get(state, OTHERS)
            found[state] = Stage(graduate, _department_of(graduate), "school10001").bring(state).id
        session.remove()
    return found


def _actor(kind: str, state: str) -> Actor:
    graduate = CAST.get(state, OTHERS)
    if kind == "system":
        return SYSTEM
    if kind == "graduate":
        return user(graduate)
    return user(_department_of(graduate) if kind == "department" else USERS[kind])


def _data(event: str) -> dict[str, object]:
    amended = {"type": "70", "data": example(types()["70"]), "reason": "与本人核实"}
    return {"return": RETURN, "reject": REJECT, "amend": amended}.get(event, {})


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
    before = session.get_one(Destination, cases[state]).version
    rows = _rows_written()
    try:
        with transaction():
            if expected is None:
                with pytest.raises((Forbidden, Conflict, NotFound)) as refusal:
                    engine.fire("destination", cases[state], event, actor=actor, data=_data(event))
                assert isinstance(refusal.value, _refusal_for(event, kind))
                assert refusal.value.message
            else:
                case = engine.fire("destination", cases[state], event, actor=actor, data=_data(event))
                assert case.state == expected
                assert _rows_written()[0] == (rows[0] or 0) + 1
            raise _UndoError
    except _UndoError:
        pass
    session.expire_all()
    assert session.get_one(Destination, cases[state]).version == before
    assert _rows_written() == rows


def _refusal_for(event: str, kind: str) -> type[Exception]:
    """404 for units, 403 where the role can never fire the event, 409 where only the state is wrong."""
    if kind == "employer":
        return NotFound
    may_sometimes = any((row.event, kind) == (event, who) for row in DESTINATION.transitions for who in row.who)
    return Conflict if may_sometimes else Forbidden


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [*KINDS, "system"])
def test_available_events_are_those_that_can_be_fired(
    app_context: Flask, cases: dict[str, int], state: str, kind: str
) -> None:
    """The API's `events` and the pages' buttons come from the same table."""
    case = engine.load(DESTINATION, cases[state], actor=SYSTEM)
    expected = {event for (from_state, event, who) in ALLOWED if (from_state, who) == (state, kind)}
    assert set(engine.available(case, _actor(kind, state))) == expected


def test_the_table_names_every_state_and_event() -> None:
    """Nothing is missing from the table and nothing was added."""
    assert {state.name for state in DESTINATION.states} == set(STATES)
    assert set(DESTINATION.events) == {"create", *EVENTS}
