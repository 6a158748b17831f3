"""What the clock has to look at, and what reviewers have left longer than they should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.access.actors import DEPARTMENT, OPERATOR, PROVINCE, READ_WRITE, SCHOOL, STAFF
from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.cases.models import CaseMixin
from app.deadlines.models import Outage
from app.workflow import engine, registry
from app.workflow.table import Workflow

# Who is told of what waits too long with whom: they themselves, and who stands above them.
_TOLD = {DEPARTMENT: (DEPARTMENT, SCHOOL), SCHOOL: (SCHOOL, PROVINCE), PROVINCE: (PROVINCE,), OPERATOR: (OPERATOR,)}
_PLACE = {DEPARTMENT: "department_id", SCHOOL: "school_id", PROVINCE: "province_id"}


def due_cases(workflow: Workflow, limit: int) -> Sequence[int]:
    """Ids of the cases at which the clock has to look, those that wait longest first."""
    model: Any = workflow.model
    query = select(model.id).where(model.next_at <= clock.now(), model.invalid_since.is_(None))
    return list(session.scalars(query.order_by(model.next_at, model.id).limit(limit)))


def held_case(workflow: Workflow, case_id: int) -> Any:
    """The case, held until the transaction ends; None where somebody has it in hand or has looked at it already."""
    return next(iter(held_cases(workflow, [case_id])), None)


def held_cases(workflow: Workflow, case_ids: Sequence[int]) -> Sequence[Any]:
    """The same for a portion of cases; those in other hands are left out."""
    model: Any = workflow.model
    query = select(model).where(model.id.in_(case_ids), model.next_at <= clock.now(), model.invalid_since.is_(None))
    query = query.options(*engine.eager_options(model)).with_for_update(of=model, skip_locked=True)
    return session.scalars(query.order_by(model.id).execution_options(populate_existing=True)).all()


@dataclass(frozen=True)
class Overdue:
    """How many records wait too long with offices of one place, level and module."""

    waits_for: str
    module: str
    level: str | None
    place: dict[str, int | None]
    count: int


def overdue_reviews() -> list[Overdue]:
    """What waits too long with offices, over all workflows; one statement each."""
    return [one for flow in registry.all_workflows() for one in _overdue(flow)]


def _overdue(workflow: Workflow) -> list[Overdue]:
    states = [state.name for state in workflow.states if state.due and state.waits_for in STAFF]
    if not states:
        return []
    model: Any = workflow.model
    scoped = issubclass(model, CaseMixin)
    columns = [model.level, model.province_id, model.school_id, model.department_id] if scoped else []
    query = (
        select(model.waits_for, func.count(), *columns)
        .where(model.state.in_(states), model.due_at <= clock.now(), model.invalid_since.is_(None))
        .group_by(model.waits_for, *columns)
    )
    found = []
    for waits_for, count, *rest in session.execute(query):
        level, *place = rest or (None, None, None, None)
        names = ("province_id", "school_id", "department_id")
        found.append(Overdue(waits_for, workflow.module, level, dict(zip(names, place, strict=True)), count))
    return found


def people_behind(overdue: Sequence[Overdue]) -> Counter[tuple[int, str]]:
    """(user, kind) → how many records that person should know of; one statement a kind of account."""
    counts: Counter[tuple[int, str]] = Counter()
    for kind in STAFF:
        own = [one for one in overdue if kind in _TOLD.get(one.waits_for, ())]
        if not own:
            continue
        query = select(Account).join(User, User.id == Account.user_id).where(User.active, Account.kind == kind)
        column = _PLACE.get(kind)
        if column is not None:
            query = query.where(getattr(Account, column).in_({one.place[column] for one in own}))
        for account in session.scalars(query):
            number = sum(one.count for one in own if _concerns(one, account, column))
            if number:
                counts[account.user_id, kind] += number
    return counts


def _concerns(one: Overdue, account: Account, column: str | None) -> bool:
    here = column is None or one.place[column] == getattr(account, column)
    level = account.level in (None, "all", one.level)
    return here and level and (column is None or account.modules.get(one.module) == READ_WRITE)


def outages(limit: int = 20) -> Sequence[Outage]:
    """The last outages on record."""
    return session.scalars(select(Outage).order_by(Outage.began_at.desc()).limit(limit)).all()


def covered(system: str, began: datetime, ended: datetime) -> bool:
    """Whether an outage of the system that is on record holds some of this time: it lengthens once."""
    query = select(Outage.id).where(Outage.system == system, Outage.began_at < ended, Outage.ended_at > began)
    return session.scalar(query.limit(1)) is not None
