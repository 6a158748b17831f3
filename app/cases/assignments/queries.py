"""To whom records are assigned, who of an office may be given some, and how much everybody there has to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.access.actors import DEPARTMENT, OPERATOR, PROVINCE, READ_WRITE, SCHOOL, Actor
from app.access.lifetimes import is_open
from app.access.models import Account
from app.access.permissions import Pair, fingerprint, permissions_of, roles_held
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session
from app.cases.assignments.models import Assignment
from app.cases.queries import VERDICTS, waiting_states, waits_in
from app.cases.views.queries import place_of
from app.workflow import history, registry
from app.workflow.models import History, Timestamp
from app.workflow.table import Workflow

VIEW = "assignments"
ASSIGN = "can_assign"
OFFICES = (PROVINCE, SCHOOL, DEPARTMENT, OPERATOR)
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)
_PLACES: Final = {PROVINCE: Account.province_id, SCHOOL: Account.school_id, DEPARTMENT: Account.department_id}


@dataclass(frozen=True)
class Load:
    """What one reviewer of an office has to do, and has done."""

    user_id: int
    username: str
    name: str
    waiting: int
    oldest: datetime | None
    lists: Mapping[str, int]  # by workflow, what waits
    week: int  # verdicts of the last 7 days that stand
    month: int


def reviews(table: Workflow, actor: Actor) -> bool:
    """Whether records of this workflow wait for the actor's office at all."""
    return actor.kind in OFFICES and bool(waiting_states(table, actor))


def may_assign(table: Workflow, actor: Actor) -> bool:
    """Whether the actor may say who of the office looks after records of this workflow."""
    return reviews(table, actor) and actor.writes(table.module) and actor.may(ASSIGN, VIEW)


def decides(table: Workflow, state: str, kind: str, permissions: frozenset[Pair]) -> bool:
    """Whether an account of this kind with these permissions can do anything with a record in this state."""
    rows = [row for row in table.transitions if kind in row.who and state in row.sources]
    return any((f"can_{row.event}", table.name) in permissions for row in rows)


def is_shared_out(table: Workflow) -> bool:
    """Whether some kind of office reviews records of this workflow."""
    return any(set(row.who) & set(OFFICES) for row in table.transitions if row.event == "approve")


def in_place(actor: Actor) -> ColumnElement[bool]:
    """The accounts of the actor's own office; all operators are one."""
    place = _PLACES.get(actor.kind)
    same_kind = Account.kind == actor.kind
    return same_kind if place is None else and_(same_kind, place == place_of(actor))


def _may_change(module: str, kind: str) -> list[ColumnElement[bool]]:
    """What an account of this kind needs to decide anything in the module; operators are held by their role alone."""
    return [] if kind == OPERATOR else [Account.modules[module].astext == READ_WRITE]


def holds(model: Any, actor: Actor) -> ColumnElement[bool]:
    """What ties a record to its assignment as the actor's office sees it, while it lasts; of accounts that are closed or
    may no longer change anything in the module there is none.
    """
    return _held_by(model, actor.kind, place_of(actor))


def _held_by(model: Any, kind: str, place: Any) -> ColumnElement[bool]:
    module = registry.get(model.workflow_name).module
    return and_(
        Assignment.workflow == model.workflow_name,
        Assignment.case_id == model.id,
        Assignment.state_since == model.state_since,
        Assignment.kind == kind,
        Assignment.place_id == place,
        *_may_change(module, kind),
        is_open(),
    )


def _joined(*columns: Any) -> Select[Any]:
    query = select(*columns).select_from(Assignment).join(Account, Account.user_id == Assignment.user_id)
    return query.join(User, User.id == Assignment.user_id)


@cache
def assignee(model: Any, kind: str) -> Any:
    """The name of who looks after a record, as an expression beside it; NULL where nobody does. The statement is sent with
    of_office(): put together once for all offices of a kind.
    """
    if kind not in OFFICES:
        return null()
    place: Any = bindparam("office", type_=BigInteger)
    return _joined(Account.name).where(_held_by(model, kind, place)).correlate(model).scalar_subquery()


def of_office(actor: Actor) -> dict[str, int]:
    """Which office it is that assignee() asks about."""
    return {"office": place_of(actor)}


def is_assigned(model: Any, actor: Actor, user_id: int | None = None) -> ColumnElement[bool]:
    """The condition that a record is assigned, to this user or to anybody."""
    whom = [Assignment.user_id == user_id] if user_id is not None else []
    return exists(_joined(Assignment.id).where(holds(model, actor), *whom).correlate(model))


def among(column: Any, case_ids: Sequence[int]) -> ColumnElement[bool]:
    """The condition that this column names one of these records, however many they are."""
    found: ColumnElement[bool] = column == any_(literal(list(case_ids), ARRAY(BigInteger)))
    return found


def assigned_among(model: Any, case_ids: Sequence[int], actor: Actor) -> dict[int, tuple[int, str]]:
    """Of these records user and name of who looks after each; one statement."""
    query = _joined(model.id, Assignment.user_id, Account.name).join(model, holds(model, actor))
    return {row[0]: (row[1], row[2]) for row in session.execute(query.where(among(model.id, case_ids)))}


def count_assigned(table: Workflow, colleague: Actor) -> int:
    """How many records of this workflow are assigned to somebody and wait."""
    model: Any = table.model
    query = _joined(func.count()).join(model, holds(model, colleague)).where(Assignment.user_id == colleague.user_id)
    return session.scalar(query.where(waits_in(model, waiting_states(table, colleague)))) or 0


def assignable(table: Workflow, case_ids: Sequence[int], actor: Actor) -> dict[int, tuple[int, str] | None]:
    """Those of the records that wait for the actor's office, in this order, each with who looks after it."""
    model: Any = table.model
    waits = waits_in(model, waiting_states(table, actor))
    waiting = set(session.scalars(select(model.id).where(among(model.id, case_ids), in_scope(model, actor), waits)))
    held = assigned_among(model, case_ids, actor)
    return {one: held.get(one) for one in case_ids if one in waiting}


def colleagues(table: Workflow, actor: Actor) -> list[tuple[int, str]]:
    """User and name of everybody in the actor's office who can decide something in this workflow, oneself included."""
    query = select(User.id, Account.name, roles_held(User.id)).join(Account, Account.user_id == User.id)
    rights = (*_may_change(table.module, actor.kind), in_place(actor), is_open())
    states, now, found = waiting_states(table, actor), fingerprint(), []
    for user_id, name, held in session.execute(query.where(*rights).order_by(Account.name, User.id)):
        given = permissions_of(held or (), now=now)
        if any(decides(table, state, actor.kind, given) for state in states):
            found.append((user_id, name))
    return found


def workload(actor: Actor) -> list[Load]:
    """Everybody of the actor's office: what waits with them, the oldest of it, what they have decided; one statement."""
    held, decided = _held(actor), _decided(actor)
    query = (
        select(
            Account.user_id,
            User.username,
            Account.name,
            func.coalesce(held.c.waiting, 0),
            held.c.oldest,
            func.coalesce(held.c.lists, func.jsonb_build_object()),
            func.coalesce(decided.c.week, 0),
            func.coalesce(decided.c.month, 0),
        )
        .join(User, User.id == Account.user_id)
        .outerjoin(held, held.c.user_id == Account.user_id)
        .outerjoin(decided, decided.c.user_id == Account.user_id)
        .where(in_place(actor), is_open())
        .order_by(func.coalesce(held.c.waiting, 0).desc(), Account.name, Account.user_id)
    )
    return [Load(*row) for row in session.execute(query)]


def _held(actor: Actor) -> Any:
    tables = [one for one in registry.all_workflows() if reviews(one, actor) and actor.reads(one.module)]
    parts = [_held_of(one, actor) for one in tables]
    types = (Assignment.user_id.type, Assignment.workflow.type, BigInteger(), Timestamp)
    nothing = select(*(null().cast(one) for one in types)).where(false())
    rows = union_all(*parts, nothing).subquery("held_rows")
    user_id, workflow, waiting, since = rows.c
    columns = (
        user_id.label("user_id"),
        func.sum(waiting).cast(BigInteger).label("waiting"),
        func.min(since).label("oldest"),
        func.jsonb_object_agg(workflow, waiting).label("lists"),
    )
    return select(*columns).group_by(user_id).subquery("held")


def _held_of(table: Workflow, actor: Actor) -> Select[Any]:
    model: Any = table.model
    columns = (
        Assignment.user_id,
        literal(table.name, Assignment.workflow.type),
        func.count(),
        func.min(model.state_since),
    )
    query = _joined(*columns).join(model, holds(model, actor)).group_by(Assignment.user_id)
    waits = waits_in(model, waiting_states(table, actor))
    return query.where(in_place(actor), in_scope(model, actor), waits)  # by its people the index finds what they have


def _decided(actor: Actor) -> Any:
    """Verdicts less those that were taken back."""
    one = case((History.event == history.UNDO, -1), else_=1)
    at, here = clock.now(), select(Account.user_id).where(in_place(actor))
    return (
        select(
            History.actor_id.label("user_id"),
            func.sum(one).filter(History.at > at - _WEEK).label("week"),
            func.sum(one).label("month"),
        )
        .where(History.actor_id.in_(here), History.role.in_(OFFICES), History.at > at - _MONTH)
        .where(History.event.in_((*VERDICTS, history.UNDO)))
        .group_by(History.actor_id)
        .subquery("decided")
    )
