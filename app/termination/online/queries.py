"""Online terminations that a reader may see: used by lists, pages, API, exports and counts alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import ScalarSelect, Select, bindparam, select

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.access.scope import Reach, in_scope, reach_with
from app.base.database import session
from app.base.kept import Kept
from app.notices.models import QUEUED
from app.notices.queries import Delivered, delivered
from app.signing.online.models import OnlineSigning
from app.termination.online.models import OnlineTermination
from app.workflow.stages import MOVING

_ASKING_NOTICES = ("online_termination_asked", "waiting_reminder")


def online_terminations_visible_to(actor: Actor) -> Select[tuple[OnlineTermination]]:
    """All online terminations in the actor's scope, ready to be filtered, ordered and paged."""
    query = select(OnlineTermination).where(in_scope(OnlineTermination, actor))
    return query.options(*OnlineTermination.eager_options())


def terminations_of(signing: OnlineSigning, actor: Actor) -> Sequence[OnlineTermination]:
    """What was asked for to end this agreement, the newest first."""
    reach, own = reach_with(actor)
    return _of_signing(reach).rows({**own, "signing": signing.id})


@lru_cache(maxsize=64)
def _of_signing(reach: Reach) -> Kept:
    """Put together once for all readers of a kind."""
    query = online_terminations_visible_to(reach.reader).where(OnlineTermination.signing_id == bindparam("signing"))
    return Kept(query.order_by(OnlineTermination.id.desc()))


def newest_of(signings: Iterable[OnlineSigning], actor: Actor) -> dict[int, OnlineTermination]:
    """Signing id → its newest termination, of those that have any; one statement for a page of signings."""
    ids = [signing.id for signing in signings]
    if not ids:
        return {}
    newest = (
        select(OnlineTermination.id)
        .where(OnlineTermination.signing_id.in_(ids))
        .distinct(OnlineTermination.signing_id)
        .order_by(OnlineTermination.signing_id, OnlineTermination.id.desc())
    )
    query = online_terminations_visible_to(actor).where(OnlineTermination.id.in_(newest))
    return {case.signing_id: case for case in session.scalars(query)}


def newest_state() -> ScalarSelect[str]:
    """The state of the newest termination of an agreement, for conditions on agreements; NULL where there is none."""
    return (
        select(OnlineTermination.state)
        .where(OnlineTermination.signing_id == OnlineSigning.id)
        .order_by(OnlineTermination.id.desc())
        .limit(1)
        .correlate(OnlineSigning)
        .scalar_subquery()
    )


def deliveries_of(cases: Sequence[OnlineTermination]) -> dict[int, list[Delivered]]:
    """By application what has been sent to the side that has to answer, the oldest first; one statement."""
    return delivered("online_termination", {case.id: _other(case) for case in cases}, _ASKING_NOTICES)


def reached(case: OnlineTermination) -> bool:
    """Whether what was sent to the side that has to answer has arrived, and nothing is under way any more."""
    found = deliveries_of([case])[case.id]
    return bool(found) and all(one.status != QUEUED for one in found)


def _other(case: OnlineTermination) -> str:
    return EMPLOYER if case.started_by == GRADUATE else GRADUATE


def held_applications(signing: OnlineSigning) -> Sequence[OnlineTermination]:
    """What is in progress to end this agreement, held until the transaction ends; for the program itself."""
    query = select(OnlineTermination).where(
        OnlineTermination.signing_id == signing.id, OnlineTermination.stage.in_(MOVING)
    )
    return list(session.scalars(query.with_for_update(of=OnlineTermination)))
