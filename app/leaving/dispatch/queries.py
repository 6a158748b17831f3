"""Dispatches: of one graduate, of what the graduate has confirmed, and how many are sent and received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.clock import SHANGHAI
from app.base.database import session
from app.leaving.dispatch.models import Dispatch
from app.leaving.models import Leaving, LeavingSheet
from app.workflow.stages import Stage

RECEIVER = ("receiver", "region", "address", "contact", "phone", "postcode")


def dispatch_of(graduate_id: int, *, hold: bool = False) -> Dispatch | None:
    """The dispatch of a graduate's archive, in whatever state."""
    query = select(Dispatch).where(Dispatch.graduate_id == graduate_id).options(*Dispatch.eager_options())
    if hold:
        query = query.with_for_update(of=Dispatch).execution_options(populate_existing=True)
    return session.scalar(query)


def receiver_in(leaving: Leaving | None) -> dict[str, Any] | None:
    """Where the archive goes as the graduate has confirmed it; None where nothing is confirmed, or it stays."""
    if leaving is None or leaving.stage != Stage.IN_FORCE or not leaving.transfer_number:
        return None
    archive = leaving.data["registered"]["archive"] or {}
    if not archive.get("receiver"):
        return None
    return {name: archive[name] for name in ("transfer_type", *RECEIVER) if archive.get(name)}


def first_day_of(number: str | None) -> date | None:
    """The day on which the number was given; nothing was sent under it before."""
    at = session.scalar(select(func.min(LeavingSheet.confirmed_at)).where(LeavingSheet.transfer_number == number))
    return at.astimezone(SHANGHAI).date() if at else None


def days_of(graduate_id: int, number: str | None) -> tuple[date | None, date | None]:
    """For who checks the number: when the archive was sent under it, and received; None for what has not happened."""
    case = dispatch_of(graduate_id)
    if case is None or case.number != number or case.returned_on is not None:
        return None, None
    return case.sent_on, case.received_on


def not_on_the_list(limit: int) -> Sequence[int]:
    """Confirmed leavings whose archive goes to a receiver and has no dispatch yet, by their ids.

    What is registered is read only of the few without a dispatch.
    """
    there = exists().where(Dispatch.graduate_id == Leaving.graduate_id)
    wanted = (Leaving.stage == Stage.IN_FORCE, Leaving.transfer_number.is_not(None), Leaving.invalid_since.is_(None))
    without = select(Leaving.id).where(*wanted, ~there).cte("without").prefix_with("MATERIALIZED")
    receiver = Leaving.data["registered"]["archive"]["receiver"].astext
    query = select(Leaving.id).join(without, without.c.id == Leaving.id).where(receiver != "")
    return session.scalars(query.limit(limit)).all()


def ids_by_number(numbers: Sequence[str], actor: Actor) -> dict[str, int]:
    """转递编号 → the dispatch that bears it, of those in scope; one statement."""
    query = select(Dispatch.number, Dispatch.id).where(Dispatch.number.in_(numbers), in_scope(Dispatch, actor))
    return {number: key for number, key in session.execute(query) if number}


def dispatches_in(states: Sequence[str], cohort: int, actor: Actor, limit: int) -> Sequence[Dispatch]:
    """Those of a cohort that are in one of these states, by department and name, for a sheet to be filled in."""
    own = (in_scope(Dispatch, actor), Dispatch.cohort == cohort, Dispatch.invalid_since.is_(None))
    query = select(Dispatch).where(*own, Dispatch.state.in_(states)).options(*Dispatch.eager_options())
    return session.scalars(query.order_by(Dispatch.department_id, Dispatch.number).limit(limit)).all()


@dataclass(frozen=True)
class Figures:
    """Of the archives of a cohort that go to a receiver: how many are sent, received, and came back."""

    all: int
    sent: int
    received: int
    returned: int


def figures_of(actor: Actor, cohort: int) -> Figures:
    """The figures of the actor's scope; one statement. Those sent include the received ones."""
    own = (in_scope(Dispatch, actor), Dispatch.cohort == cohort, Dispatch.invalid_since.is_(None))
    away = Dispatch.sent_on.is_not(None) & Dispatch.returned_on.is_(None)
    counts = session.execute(
        select(
            func.count(),
            func.count().filter(away),
            func.count().filter(away, Dispatch.received_on.is_not(None)),
            func.count().filter(Dispatch.returned_on.is_not(None)),
        ).where(*own, Dispatch.stage != Stage.ENDED)
    ).one()
    return Figures(*counts)


def says_more(cases: Sequence[Dispatch], actor: Actor) -> Mapping[str, Mapping[int, Any]]:
    """Beside the receiver: how, when and under which number it was sent, received and came back."""
    del actor
    return {"data": {case.id: {**case.data, **told(case)} for case in cases}}


def told(case: Dispatch) -> dict[str, Any]:
    """The last dispatch for programs."""
    days = {name: getattr(case, name) for name in ("sent_on", "received_on", "returned_on")}
    return {
        "way": case.way,
        "tracking_number": case.tracking_number,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }
