"""Walks the table of a workflow: every (state, event, kind of account), what is allowed beside what is refused.

Each room says in a file `table.py` what its workflow promises, as one or more `Expected` in TABLES; the walk itself is
tests/house/test_tables.py. Every case stands on the stage within a transaction that is undone, and so is every step.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, NotFound
from app.documents.scans import services as scans
from app.workflow import engine, events, registry
from app.workflow.models import History, OutboxMessage
from app.workflow.table import Workflow
from tests.fixtures.undoing import undoing
from tests.signing.stage import user

ROOT = Path(__file__).resolve().parents[2]
EVERYBODY = (*KINDS, "system")
# The people of a school with two levels of review, and who else there is.
PEOPLE = {
    "operator": "operator",
    "province": "province11",
    "school": "school10001",
    "department": "dept10001a",
    "employer": "employer1",
    "graduate": "graduate1",
}
Triple = tuple[str, str, str]  # state, event, kind of account


@dataclass(frozen=True)
class Expected:
    """One workflow as its specification has it: the table written down a second time, and how to bring cases about."""

    workflow: str
    states: tuple[str, ...]
    allowed: Mapping[Triple, str]  # the state that follows
    bring: Callable[[str], Any]  # a new case in a state
    begins: str = "create"  # the event by which cases begin
    begun_by: frozenset[str] = frozenset({"graduate"})
    # Data with which an event would succeed, by the event, or a rule that finds them for a case.
    data: Mapping[str, Any] | Callable[[Any, str], Mapping[str, Any]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=lambda: PEOPLE)
    unseen: frozenset[str] = frozenset()  # kinds of accounts for whom there is no such case
    unseen_in: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the same in single states
    # The code of a conflict that is not about the state.
    refused: Mapping[Triple, str] = field(default_factory=dict)
    # Steps of other cases that a step to this state brings with it: (workflow, event).
    brings_along: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    silent: frozenset[Any] = frozenset()  # events, or (state, event), of which nobody is told
    holds: Callable[[Any], None] = lambda case: None  # what else must hold after an allowed step

    @property
    def table(self) -> Workflow:
        """The table that the program runs."""
        return registry.get(self.workflow)

    @property
    def events(self) -> tuple[str, ...]:
        """Names of all events but the first."""
        return tuple(dict.fromkeys(event for _state, event, _kind in (*self.allowed, *self.refused)))

    def data_for(self, case: Any, event: str) -> Mapping[str, Any]:
        """Data with which the event would succeed on this case."""
        return self.data(case, event) if callable(self.data) else self.data.get(event, {})

    def hidden(self, state: str) -> frozenset[str]:
        """Kinds of accounts for whom there is no such case in this state."""
        return self.unseen | self.unseen_in.get(state, frozenset())

    def actor(self, kind: str) -> Actor:
        """Who plays this kind of account."""
        return SYSTEM if kind == "system" else user(self.people[kind])


def upheld(states: Iterable[str], *bound: str) -> dict[Triple, str]:
    """What an objection that is upheld does to a case: those that bind are void, all others stay as they are."""
    return {(state, "uphold", "system"): "voided" if state in bound else state for state in states}


def unheard(states: Iterable[str], *bound: str) -> frozenset[Any]:
    """Of which of these steps nobody is told, where the case has no unit with an account."""
    return frozenset((state, "uphold") for state in states if state not in bound)


@cache
def all_expected() -> tuple[Expected, ...]:
    """What the rooms have written down in their files `table.py`."""
    files = sorted(ROOT.glob("tests/**/table.py"))
    modules = [importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in files]
    return tuple(one for module in modules for one in module.TABLES)


def wrong_steps(expected: Expected) -> Iterator[str]:
    """Every triple that does not do what is expected of it, in a line each."""
    for state in expected.states:
        with undoing():
            case, actors = expected.bring(state), _actors(expected)
            for event, kind in product(expected.events, EVERYBODY):
                with undoing():
                    problem = _judge(expected, case.id, (state, event, kind), actors[kind])
                if problem:
                    yield f"{state}.{event} by {kind}: {problem}"


def wrong_offers(expected: Expected) -> Iterator[str]:
    """Every state in which somebody is offered other events than those that can be fired."""
    for state in expected.states:
        with undoing():
            actors = _actors(expected)
            case = engine.load(expected.table, expected.bring(state).id, actor=SYSTEM)
            for kind in (one for one in EVERYBODY if one not in expected.hidden(state)):
                offered = set(engine.available(case, actors[kind]))
                right = {event for (source, event, who) in expected.allowed if (source, who) == (state, kind)}
                if offered != right:
                    yield f"{state} to {kind}: {sorted(offered)} instead of {sorted(right)}"


def wrong_beginners(expected: Expected) -> Iterator[str]:
    """Every kind of account that may begin a case against what is expected, or may not."""
    for kind in EVERYBODY:
        try:
            event = engine.permits_creation(expected.table, expected.actor(kind)).event
        except Forbidden:
            event = None
        if event != (expected.begins if kind in expected.begun_by else None):
            yield f"{kind} begins by {event}"


def _actors(expected: Expected) -> dict[str, Actor]:
    return {kind: expected.actor(kind) for kind in EVERYBODY}


def _judge(expected: Expected, case_id: int, triple: Triple, actor: Actor) -> str | None:
    """Fire the event; returns what was wrong with what happened, None when all was right."""
    before = session.get_one(expected.table.model, case_id)
    version, marks, data = before.version, _marks(), expected.data_for(before, triple[1])
    try:
        case = engine.fire(expected.workflow, case_id, triple[1], actor=actor, data=data)
    except AppError as refusal:
        return _judge_refusal(expected, triple, refusal)
    if triple not in expected.allowed:
        return f"went through to {case.state}"
    if case.state != expected.allowed[triple]:
        return f"led to {case.state}"
    if case.version <= version:
        return "the version stayed"
    expected.holds(case)
    return _judge_history(expected, triple, case, actor, marks[0]) or _judge_outbox(expected, triple, marks[1])


def _judge_refusal(expected: Expected, triple: Triple, refusal: AppError) -> str | None:
    """404 for whom there is no such case, 403 where the role can never fire the event, 409 where the state is wrong."""
    state, event, kind = triple
    if triple in expected.allowed:
        return f"refused with {refusal.code}: {refusal.message}"
    if kind in expected.hidden(state):
        right: tuple[type[AppError], str] = (NotFound, "not_found")
    elif any((event, kind) == (name, who) for _source, name, who in (*expected.allowed, *expected.refused)):
        right = (Conflict, expected.refused.get(triple, "wrong_state"))
    else:
        right = (Forbidden, "forbidden")
    found = (type(refusal), refusal.code)
    if not isinstance(refusal, right[0]) or refusal.code != right[1]:
        return f"refused with {found} instead of {right}"
    return None if refusal.message else "refused without a word"


def _marks() -> tuple[int, int]:
    """The last row of history and outbox."""
    history, outbox = (session.scalar(select(func.max(model.id))) or 0 for model in (History, OutboxMessage))
    return history, outbox


def _judge_history(expected: Expected, triple: Triple, case: Any, actor: Actor, mark: int) -> str | None:
    """One row tells of the step; what it brings along has one of its own."""
    state, event, kind = triple
    rows = session.scalars(select(History).where(History.id > mark).order_by(History.id)).all()
    own = [row for row in rows if (row.workflow, row.case_id) == (expected.workflow, case.id)]
    others = [(row.workflow, row.event) for row in rows if row not in own]
    told = [(row.event, row.from_state, row.to_state, row.role, row.actor_id) for row in own]
    if told != [(event, state, case.state, kind, actor.user_id)]:
        return f"its history is {told}"
    brought = expected.brings_along.get(case.state, ()) if case.state != state else ()
    if sorted(others) != sorted(brought):
        return f"it brought along {others}"
    return None


def _judge_outbox(expected: Expected, triple: Triple, mark: int) -> str | None:
    """Other systems are told of every step; somebody is, unless the event is a silent one."""
    found = session.scalars(select(OutboxMessage.kind).where(OutboxMessage.id > mark)).all()
    kinds = [kind for kind in found if kind not in (events.KIND, scans.KIND)]  # reading a copy tells nobody
    if events.KIND not in found:
        return "told no other system"
    if bool(kinds) == bool({triple[1], triple[:2]} & expected.silent):
        return f"left {kinds} in the outbox"
    return None
