"""What a reader sees of signals: those that a record in scope shows, and what the own office has said of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import array

from app.access.actors import OPERATOR, PROVINCE, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.schools.models import School
from app.signals.models import CONFIRMED, FALSE_ALARM, PENDING, Signal, SignalMark, SignalRecord
from app.signals.records import records_at
from app.workflow import engine, registry

VIEW, MODULE = "signals", "employment"
NEW, CLOSED = "new", "closed"
FEW: Final = 5  # fewer records outside of the scope than this are not counted out: a number could point at somebody
MOST: Final = 10_000


@dataclass(frozen=True)
class Evidence:
    """The records that show a signal: those that the reader may see, and how many there are beside them."""

    cases: Sequence[Any]
    outside: int

    @property
    def few(self) -> bool:
        """Whether so few lie outside that they are not counted out."""
        return self.outside < FEW


def signal_for(signal_id: int, actor: Actor) -> Signal | None:
    """The signal, where one of its records lies in the actor's scope."""
    query = select(Signal).where(Signal.id == signal_id, in_scope(Signal, actor)).options(*Signal.eager_options())
    return session.scalar(query)


def signals_of_case(workflow: str, case_id: int, actor: Actor) -> Sequence[Signal]:
    """Open signals that this record shows, or that are about its unit; the caller has seen that the record is in scope."""
    record = next(iter(records_at([(workflow, case_id)])), None)
    shows = exists().where(
        SignalRecord.signal_id == Signal.id, SignalRecord.workflow == workflow, SignalRecord.case_id == case_id
    )
    about = Signal.units.contains(array([record.unit])) if record is not None and record.unit else None
    # Of a unit, not of one of its other records.
    of_unit = and_(about, Signal.subject.startswith("unit:")) if about is not None else None
    return _open(or_(shows, of_unit) if of_unit is not None else shows, actor)


def signals_of_unit(code: str, actor: Actor) -> Sequence[Signal]:
    """Open signals about a unit and its records."""
    return _open(Signal.units.contains(array([code])), actor)


def _open(condition: ColumnElement[bool], actor: Actor) -> Sequence[Signal]:
    query = select(Signal).where(condition, Signal.closed_at.is_(None), in_scope(Signal, actor))
    return session.scalars(query.options(*Signal.eager_options()).order_by(Signal.found_at.desc()).limit(20)).all()


def evidence_of(signal: Signal, actor: Actor) -> Evidence:
    """The records in scope, newest first, and how many lie outside; a statement for each kind of record."""
    total = select(func.count()).where(SignalRecord.signal_id == signal.id).scalar_subquery()
    mine = select(SignalRecord.workflow, SignalRecord.case_id, total).where(
        SignalRecord.signal_id == signal.id, in_scope(SignalRecord, actor)
    )
    rows = session.execute(mine).all()
    cases = [*cases_at({(name, key) for name, key, _total in rows if _shows(actor, name)}, actor).values()]
    cases.sort(key=lambda case: case.created_at, reverse=True)
    return Evidence(cases, (rows[0][2] if rows else 0) - len(cases))


def _shows(actor: Actor, workflow: str) -> bool:
    return actor.reads(registry.get(workflow).module) and actor.may("can_show", workflow)


def cases_at(places: Collection[tuple[str, int]], actor: Actor) -> dict[tuple[str, int], Any]:
    """Those of the records that lie in the actor's scope, with graduate and unit; a statement for each kind."""
    found: dict[tuple[str, int], Any] = {}
    for name in sorted({name for name, _id in places}):
        model: Any = registry.get(name).model
        ids = [key for one, key in places if one == name]
        query = select(model).where(model.id.in_(ids), in_scope(model, actor)).options(*engine.eager_options(model))
        found |= {(name, case.id): case for case in session.scalars(query).unique()}
    return found


# What offices say ----------------------------------------------------------------------------------------------------


def office_of(actor: Actor) -> dict[str, int | None]:
    """In whose name the actor speaks: the school, also for its departments, else the province, else the operators."""
    return {"province_id": actor.province_id if actor.kind == PROVINCE else None, "school_id": actor.school_id}


def own_mark(signal: Signal, actor: Actor) -> SignalMark | None:
    """What the own office says of the signal as it stands; what was said before it opened again counts no more."""
    place = office_of(actor)
    own = [one for one in signal.marks if all(getattr(one, name) == value for name, value in place.items())]
    return next((one for one in own if one.marked_at >= signal.found_at), None)


def in_state(state: str, actor: Actor) -> ColumnElement[bool]:
    """The signals that are new to the actor's office, marked by it in one way, or closed."""
    if state == CLOSED:
        return Signal.closed_at.is_not(None)
    mine = [getattr(SignalMark, name).is_not_distinct_from(value) for name, value in office_of(actor).items()]
    spoken = exists().where(SignalMark.signal_id == Signal.id, SignalMark.marked_at >= Signal.found_at, *mine)
    if state == NEW:
        return and_(Signal.closed_at.is_(None), ~spoken)
    return spoken.where(SignalMark.verdict == state)


def count_new(actor: Actor) -> int:
    """How many the own office has said nothing of; one statement, counted up to MOST."""
    rows = select(Signal.id).where(in_scope(Signal, actor), in_state(NEW, actor)).limit(MOST).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def marks_in_scope(actor: Actor) -> ColumnElement[bool]:
    """The marks of the own office and of those below it."""
    if actor.kind == OPERATOR:
        return true()
    if actor.kind == PROVINCE:
        schools = select(School.id).where(School.province_id == actor.province_id)
        return or_(SignalMark.province_id == actor.province_id, SignalMark.school_id.in_(schools))
    return SignalMark.school_id == actor.school_id


def marks_of(signal: Signal, actor: Actor) -> Sequence[SignalMark]:
    """What the own office and those below it say of a signal, newest first."""
    query = select(SignalMark).where(SignalMark.signal_id == signal.id, marks_in_scope(actor))
    return session.scalars(query.order_by(SignalMark.marked_at.desc()).limit(50)).all()


@dataclass(frozen=True)
class Effect:
    """How a rule has done by the marks of the reader's scope."""

    open: int = 0
    confirmed: int = 0
    false: int = 0
    pending: int = 0

    @property
    def share(self) -> float | None:
        """Of what was decided, how much was confirmed; None while nothing was."""
        decided = self.confirmed + self.false
        return self.confirmed / decided if decided else None


def effects(actor: Actor) -> dict[str, Effect]:
    """By rule how many signals are open in scope, and what was said of them; two statements."""
    standing = select(Signal.rule, func.count()).where(Signal.closed_at.is_(None), in_scope(Signal, actor))
    opened = {row[0]: row[1] for row in session.execute(standing.group_by(Signal.rule))}
    said = [func.sum(cast(SignalMark.verdict == one, Integer)) for one in (CONFIRMED, FALSE_ALARM, PENDING)]
    query = select(SignalMark.rule, *said).where(marks_in_scope(actor)).group_by(SignalMark.rule)
    counted = {rule: numbers for rule, *numbers in session.execute(query)}
    names = opened.keys() | counted.keys()
    return {name: Effect(opened.get(name, 0), *counted.get(name, (0, 0, 0))) for name in names}
