"""W2 and W3: every (state, event, kind of account), what is allowed beside what is refused (workflows, W2 and W3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.roster.models import Claim
from app.workflow import engine, registry
from app.workflow.models import History, OutboxMessage
from tests.signing.paper.stage import OFFLINE_STATES, REJECT, RETURN, SUPPLEMENTARY_STATES, VOID, PaperStage
from tests.signing.stage import user

STATES = {"offline_signing": OFFLINE_STATES, "supplementary": SUPPLEMENTARY_STATES}
# The tables of the specification, written down a second time: (state, event, kind) -> next state.
ROUND = {
    ("dept_review", "approve", "department"): "school_review",
    ("dept_review", "reject", "department"): "rejected",
    ("dept_review", "return", "department"): "returned",
    ("school_review", "approve", "school"): "signed",
    ("school_review", "reject", "school"): "rejected",
    ("school_review", "return", "school"): "returned",
    ("signed", "edit_category", "school"): "signed",
    ("signed", "void", "school"): "voided",
    ("signed", "terminate", "system"): "terminated",
}
ALLOWED = {
    "supplementary": {
        ("draft", "submit", "graduate"): "dept_review",
        ("returned", "submit", "graduate"): "dept_review",
        ("dept_review", "withdraw", "graduate"): "draft",
        **ROUND,
    },
    "offline_signing": {
        ("draft", "submit", "graduate"): "agreement_dept_review",
        ("agreement_returned", "submit", "graduate"): "agreement_dept_review",
        ("agreement_dept_review", "withdraw", "graduate"): "draft",
        ("agreement_dept_review", "approve", "department"): "agreement_school_review",
        ("agreement_dept_review", "reject", "department"): "agreement_rejected",
        ("agreement_dept_review", "return", "department"): "agreement_returned",
        ("agreement_school_review", "approve", "school"): "agreement_approved",
        ("agreement_school_review", "reject", "school"): "agreement_rejected",
        ("agreement_school_review", "return", "school"): "agreement_returned",
        ("agreement_approved", "upload", "graduate"): "dept_review",
        ("returned", "upload", "graduate"): "dept_review",
        ("dept_review", "withdraw", "graduate"): "agreement_approved",
        **ROUND,
    },
}
EVENTS = {
    "supplementary": ("submit", "withdraw", "approve", "return", "reject", "edit_category", "terminate", "void"),
    "offline_signing": (
        *("submit", "withdraw", "approve", "return", "reject", "upload", "edit_category", "terminate", "void"),
    ),
}
DATA = {"return": RETURN, "reject": REJECT, "void": VOID, "edit_category": {"category": "21", "nature": "31"}}
HOLDS = {"agreement_dept_review", "agreement_school_review", "dept_review", "school_review", "signed"}
USERS = {"operator": "operator", "province": "province11", "school": "school10001", "employer": "employer1"}
# States that hold the graduate need one each; the others share one.
CAST = {
    "agreement_dept_review": "graduate1",
    "agreement_school_review": "graduate2",
    "dept_review": "graduate3",
    "school_review": "graduate4",
    "signed": "graduate5",
}


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture(scope="module", params=list(STATES))
def cases(request: pytest.FixtureRequest, application: Flask, reset: Callable[[], None]) -> dict[str, Any]:
    """One case in every state of one workflow, on a database of its own."""
    reset()
    with application.app_context():
        found = {}
        for state in STATES[request.param]:
            graduate = CAST.get(state, "graduate6")
            stage = PaperStage(graduate, _department_of(graduate))
            case = stage.bring(request.param, state)
            if state == "agreement_approved":
                stage.attach(case, "stamped_agreement")
            found[state] = case.id
        session.remove()
    return found | {"workflow": request.param}


@pytest.fixture
def workflow(cases: dict[str, Any]) -> str:
    """The workflow of these cases."""
    return str(cases["workflow"])


@pytest.fixture
def context(application: Flask, cases: dict[str, Any]) -> Iterator[None]:
    """An application context on that database."""
    with application.app_context():
        yield
        session.rollback()
        session.remove()


def _department_of(graduate: str) -> str:
    return "dept10001a" if graduate in ("graduate1", "graduate2", "graduate3") else "dept10001b"


def _actor(kind: str, state: str) -> Actor:
    graduate = CAST.get(state, "graduate6")
    if kind == "system":
        return SYSTEM
    if kind == "graduate":
        return user(graduate)
    return user(_department_of(graduate) if kind == "department" else USERS[kind])


def _rows_written() -> tuple[int | None, ...]:
    return tuple(session.scalar(select(func.count()).select_from(model)) for model in (History, OutboxMessage))


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("kind", [*KINDS, "system"])
def test_every_triple_does_what_the_table_says(cases: dict[str, Any], workflow: str, kind: str) -> None:
    """An allowed event leads to the state of the table and leaves one history row; a refused one leaves nothing."""
    for state, event in product(STATES[workflow], EVENTS[workflow]):
        _check(workflow, cases[state], state, event, kind)


def _check(workflow: str, case_id: int, state: str, event: str, kind: str) -> None:
    actor = _actor(kind, state)
    expected = ALLOWED[workflow].get((state, event, kind))
    model = registry.get(workflow).model
    before, rows = session.get_one(model, case_id).version, _rows_written()
    try:
        with transaction():
            if expected is None:
                with pytest.raises((Forbidden, Conflict, NotFound)) as refusal:
                    engine.fire(workflow, case_id, event, actor=actor, data=DATA.get(event))
                assert isinstance(refusal.value, _refusal_for(workflow, event, kind)), (state, event, kind)
                assert refusal.value.message
            else:
                case = engine.fire(workflow, case_id, event, actor=actor, data=DATA.get(event))
                assert case.state == expected, (state, event, kind)
                assert _rows_written()[0] == (rows[0] or 0) + 1
                claim = session.get(Claim, case.graduate_id)
                assert (claim is not None) == (expected in HOLDS), (state, event, kind)
                if claim is not None:
                    assert claim.kind == ("in_force" if expected == "signed" else "review")
            raise _UndoError
    except _UndoError:
        pass
    session.expire_all()
    assert session.get_one(model, case_id).version == before
    assert _rows_written() == rows


def _refusal_for(workflow: str, event: str, kind: str) -> type[Exception]:
    """Units never see these cases (404); 403 where the role can never fire the event, 409 where the state is wrong."""
    if kind == "employer":
        return NotFound
    rows = registry.get(workflow).transitions
    may_sometimes = any((row.event, kind) == (event, who) for row in rows for who in row.who)
    return Conflict if may_sometimes else Forbidden


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("kind", [*KINDS, "system"])
def test_available_events_are_those_that_can_be_fired(cases: dict[str, Any], workflow: str, kind: str) -> None:
    """The API's `events` and the pages' buttons come from the same table."""
    for state in STATES[workflow]:
        if kind == "employer":
            continue  # units reach no case of these
        case = engine.load(registry.get(workflow), cases[state], actor=SYSTEM)
        expected = {event for (from_state, event, who) in ALLOWED[workflow] if (from_state, who) == (state, kind)}
        assert set(engine.available(case, _actor(kind, state))) == expected, (state, kind)


@pytest.mark.usefixtures("context")
def test_the_table_names_every_state_and_event(workflow: str) -> None:
    """Nothing is missing from the table and nothing was added."""
    table = registry.get(workflow)
    assert {state.name for state in table.states} == set(STATES[workflow])
    assert set(table.events) == {"create", *EVENTS[workflow]}
