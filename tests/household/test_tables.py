"""W7, W8: every (state, event, kind of account), what is allowed beside what is refused (workflows, W7 and W8)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.household.models import MODELS
from app.workflow import engine, registry
from app.workflow.models import History, OutboxMessage
from tests.household.stage import STATES, Stage, data_of
from tests.signing.stage import user

# The table of the specification, written down a second time: (state, event, kind) -> next state.
ALLOWED = {
    ("draft", "submit", "graduate"): "dept_review",
    ("returned", "submit", "graduate"): "dept_review",
    ("dept_review", "withdraw", "graduate"): "draft",
    ("dept_review", "amend", "department"): "dept_review",
    ("school_review", "amend", "school"): "school_review",
    ("dept_review", "approve", "department"): "school_review",
    ("school_review", "approve", "school"): "approved",
    ("dept_review", "return", "department"): "returned",
    ("school_review", "return", "school"): "returned",
    ("dept_review", "reject", "department"): "rejected",
    ("school_review", "reject", "school"): "rejected",
    ("approved", "replace", "system"): "replaced",
    ("approved", "ems_change", "system"): "approved",
}
EVENTS = ("submit", "withdraw", "amend", "approve", "return", "reject", "replace", "ems_change")
CAST = {state: f"graduate{number}" for number, state in enumerate(STATES[:6], start=1)} | {"replaced": "graduate6"}
USERS = {"operator": "operator", "province": "province11", "school": "school10001", "employer": "employer1"}


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture(scope="module")
def cases(application: Flask, database: str) -> dict[tuple[str, str], int]:
    """One case of each kind in every state."""
    found = {}
    with application.app_context():
        for kind in MODELS:
            for state in STATES:
                if state == "approved":
                    continue  # graduate6 has one once the other has been replaced
                found[kind, state] = Stage(kind, CAST[state], _department_of(CAST[state])).bring(state).id
            in_force = Stage(kind, "graduate6").in_force()
            assert in_force is not None
            found[kind, "approved"] = in_force.id
        session.remove()
    return found


def _department_of(graduate: str) -> str:
    return "dept10001a" if graduate in ("graduate1", "graduate2", "graduate3") else "dept10001b"


def _actor(kind: str, state: str) -> Actor:
    graduate = CAST[state]
    if kind == "system":
        return SYSTEM
    if kind == "graduate":
        return user(graduate)
    return user(_department_of(graduate) if kind == "department" else USERS[kind])


def _rows_written() -> tuple[int | None, ...]:
    return tuple(session.scalar(select(func.count()).select_from(model)) for model in (History, OutboxMessage))


@pytest.mark.parametrize("who", [*KINDS, "system"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_triple_does_what_the_table_says(
    app_context: Flask, cases: dict[tuple[str, str], int], kind: str, state: str, event: str, who: str
) -> None:
    """An allowed event leads to the state of the table and leaves one history row; a refused one leaves nothing."""
    case_id, actor = cases[kind, state], _actor(who, "approved" if state == "approved" else state)
    actor = user("graduate6") if (who, state) == ("graduate", "approved") else actor
    if who == "department" and state == "approved":
        actor = user("dept10001b")
    expected = ALLOWED.get((state, event, who))
    before = session.get_one(MODELS[kind], case_id).version
    rows = _rows_written()
    try:
        with transaction():
            if expected is None:
                with pytest.raises((Forbidden, Conflict, NotFound)) as refusal:
                    engine.fire(kind, case_id, event, actor=actor, data=data_of(kind, event))
                assert isinstance(refusal.value, _refusal_for(kind, event, who))
                assert refusal.value.message
            else:
                case = engine.fire(kind, case_id, event, actor=actor, data=data_of(kind, event))
                assert case.state == expected
                assert _rows_written()[0] == (rows[0] or 0) + 1
            raise _UndoError
    except _UndoError:
        pass
    session.expire_all()
    assert session.get_one(MODELS[kind], case_id).version == before
    assert _rows_written() == rows


def _refusal_for(kind: str, event: str, who: str) -> type[Exception]:
    """404 for who never sees such a record, 403 for a role that can never fire the event, 409 for a wrong state."""
    if who == "employer":
        return NotFound
    rows = registry.get(kind).named(event)
    return Conflict if any(who in row.who for row in rows) else Forbidden
