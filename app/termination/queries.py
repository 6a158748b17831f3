"""Online terminations that a reader may see: used by lists, pages, API, exports and counts alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.database import session
from app.signing.models import OnlineSigning
from app.termination.models import OnlineTermination


def online_terminations_visible_to(actor: Actor) -> Select[tuple[OnlineTermination]]:
    """All online terminations in the actor's scope, ready to be filtered, ordered and paged."""
    query = select(OnlineTermination).where(in_scope(OnlineTermination, actor))
    return query.options(*OnlineTermination.eager_options())


def terminations_of(signing: OnlineSigning, actor: Actor) -> Sequence[OnlineTermination]:
    """What was asked for to end this agreement, the newest first."""
    query = online_terminations_visible_to(actor).where(OnlineTermination.signing_id == signing.id)
    return list(session.scalars(query.order_by(OnlineTermination.id.desc())))


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
