"""What is unusual today: since when records wait, and what stands still or is broken, for each kind of staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, String, func, literal, null, select, union_all

from app.access.actors import OPERATOR, Actor
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session
from app.cases.admin.waiting import Waiting
from app.cases.arrivals.queries import VIEW as ARRIVALS
from app.cases.arrivals.queries import not_arrived
from app.cases.assignments.queries import is_assigned, reviews
from app.cases.queries import waits_in
from app.documents.queries import is_unmade
from app.employers.models import EmployerVerification
from app.employers.verification.workflow import VERIFICATION
from app.ems import queue
from app.notices.models import FAILED, NoticeDelivery
from app.workflow.models import OutboxMessage, Timestamp

LATE: Final = timedelta(days=3)
MINE: Final = "mine "  # before a workflow's name
MOST: Final = 10_000  # counted; beyond, "over 10,000" says enough


@dataclass(frozen=True)
class Late:
    """Since when something waits, and how much of it for more than three days."""

    oldest: datetime | None
    count: int


def late_of(waiting: Sequence[Waiting], actor: Actor, cohort: int | None) -> dict[str, Late]:
    """By workflow how long its records wait for the actor, behind MINE those assigned to them, and under ARRIVALS how many
    reports were refused; one statement.
    """
    parts = [_late(one, actor, cohort) for one in waiting if one.total]
    parts += [_mine(one, actor, cohort) for one in waiting if one.total and reviews(one.workflow, actor)]
    parts += [_refused(actor)] if actor.may("can_list", ARRIVALS) else []
    return {name: Late(oldest, count) for name, oldest, count in session.execute(union_all(*parts))} if parts else {}


def _late(one: Waiting, actor: Actor, cohort: int | None) -> Any:
    model: Any = one.workflow.model
    late = func.count().filter(model.state_since < clock.now() - LATE)
    query = select(literal(one.workflow.name, String), func.min(model.state_since), late)
    return query.where(*_waits(one, actor, cohort))


def _mine(one: Waiting, actor: Actor, cohort: int | None) -> Any:
    model: Any = one.workflow.model
    query = select(literal(f"{MINE}{one.workflow.name}", String), func.min(model.state_since), func.count())
    return query.where(*_waits(one, actor, cohort), is_assigned(model, actor, actor.user_id))


def _waits(one: Waiting, actor: Actor, cohort: int | None) -> list[Any]:
    model: Any = one.workflow.model
    waits = waits_in(model, [state for state, count in one.parts.items() if count])
    of_cohort = [model.cohort == cohort] if cohort is not None and model.cohort is not None else []
    return [in_scope(model, actor), waits, *of_cohort]


def _refused(actor: Actor) -> Any:
    rows = select(OutboxMessage.id).where(*not_arrived(actor), queue.is_refused()).limit(MOST).subquery()
    return select(literal(ARRIVALS, String), null().cast(Timestamp), func.count()).select_from(rows)


def operations(actor: Actor) -> Mapping[str, Any]:
    """What operators have to look at, each counted up to MOST; one statement."""
    open_reviews = EmployerVerification.state.in_(
        [one.name for one in VERIFICATION.states if one.waits_for == OPERATOR]
    )
    failed = OutboxMessage.status == FAILED
    counted = {
        "verifications": select(EmployerVerification.id).where(open_reviews),
        "late_verifications": select(EmployerVerification.id).where(
            open_reviews, EmployerVerification.state_since < clock.now() - LATE
        ),
        "mine": select(EmployerVerification.id).where(
            open_reviews, is_assigned(EmployerVerification, actor, actor.user_id)
        ),
        "dead_letters": select(OutboxMessage.id).where(queue.is_sync(), failed),
        "notices": select(OutboxMessage.id).where(OutboxMessage.kind.in_(("notice", "letter", "personal")), failed),
        "deliveries": select(NoticeDelivery.id).where(NoticeDelivery.status == FAILED),
        "papers": select(OutboxMessage.id).where(is_unmade(), OutboxMessage.attempts > 0),  # what is new is being made
    }
    columns = [_upto(rows).label(name) for name, rows in counted.items()]
    oldest = select(func.min(EmployerVerification.state_since)).where(open_reviews).scalar_subquery().label("oldest")
    return dict(session.execute(select(*columns, oldest)).mappings().one())


def _upto(rows: Select[Any]) -> Any:
    return select(func.count()).select_from(rows.limit(MOST).subquery()).scalar_subquery()
