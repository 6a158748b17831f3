"""单位身份认证: every (state, event, kind of account), what is allowed beside what is refused."""

from __future__ import annotations

import contextlib

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.employers.verification.workflow import VERIFICATION
from app.workflow import engine
from app.workflow.models import History
from tests.employers.stage_verification import STATES, bring
from tests.signing.stage import user

# The table of the specification, written down a second time: (state, event, kind) -> next state.
ALLOWED = {
    ("draft", "submit", "employer"): "in_review",
    ("returned", "submit", "employer"): "in_review",
    ("remitting", "remitted", "operator"): "awaiting_amount",
    ("remitting", "remitted", "system"): "awaiting_amount",
    ("awaiting_amount", "confirm_amount", "employer"): "verified",
    ("in_review", "approve", "operator"): "verified",
    ("in_review", "return", "operator"): "returned",
    ("remitting", "return", "operator"): "returned",
    ("remitting", "return", "system"): "returned",
    ("awaiting_amount", "return", "operator"): "returned",
}
EVENTS = ("submit", "remitted", "confirm_amount", "approve", "return")
USERS = {
    "operator": "operator",
    "province": "province11",
    "school": "school10001",
    "department": "dept10001a",
    "employer": "employer3",
    "graduate": "graduate1",
}


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


def _actor(kind: str) -> Actor:
    return SYSTEM if kind == "system" else user(USERS[kind])


@pytest.mark.parametrize("kind", [*KINDS, "system"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_triple_does_what_the_table_says(app_context: Flask, state: str, event: str, kind: str) -> None:
    """An allowed event leads to the state of the table and leaves one history row; a refused one leaves nothing."""
    expected = ALLOWED.get((state, event, kind))
    with contextlib.suppress(_UndoError), transaction():
        case = bring(state)
        rows = session.scalar(select(func.count()).select_from(History))
        data = {"return": {"reason": "信息有误"}, "confirm_amount": {"amount": case.amount or "1.00"}}.get(event)
        actor = _actor(kind)
        if expected is None:
            with pytest.raises(_refusal(event, kind)) as refusal:
                engine.fire("verification", case.id, event, actor=actor, data=data)
            assert refusal.value.message
        else:
            assert engine.fire("verification", case.id, event, actor=actor, data=data).state == expected
            assert session.scalar(select(func.count()).select_from(History)) == (rows or 0) + 1
        raise _UndoError


def _refusal(event: str, kind: str) -> type[Exception]:
    """404 outside the scope, 403 where the role can never fire the event, 409 where only the state is wrong."""
    if kind not in ("operator", "employer", "system"):
        return NotFound
    may_sometimes = any((row.event, kind) == (event, who) for row in VERIFICATION.transitions for who in row.who)
    return Conflict if may_sometimes else Forbidden


@pytest.mark.parametrize("state", STATES)
def test_available_events_are_those_that_can_be_fired(app_context: Flask, state: str) -> None:
    """Buttons and the API's `events` come from the same table."""
    with contextlib.suppress(_UndoError), transaction():
        case = bring(state)
        for kind in ("operator", "employer", "system"):
            expected = {event for (source, event, who) in ALLOWED if (source, who) == (state, kind)}
            assert set(engine.available(case, _actor(kind))) == expected
        raise _UndoError


def test_the_table_names_every_state_and_event() -> None:
    """Nothing is missing from the table and nothing was added."""
    assert {state.name for state in VERIFICATION.states} == set(STATES)
    assert set(VERIFICATION.events) == {"create", *EVENTS}
