"""Notices that a reader may see: used by the inbox pages, the API and the frame of every page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from app.access.actors import Actor
from app.database import session
from app.notices.models import Notification

_MOST_COUNTED = 100


def notifications_visible_to(actor: Actor) -> Select[tuple[Notification]]:
    """The actor's own inbox, ready to be filtered and paged; nobody reads another's, operators neither."""
    return select(Notification).where(Notification.user_id == actor.user_id)


def unread_count(actor: Actor) -> int:
    """How many notices the actor has not read, counted up to 100; answered by a partial index."""
    unread = (
        select(Notification.id)
        .where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
        .limit(_MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


def inbox(actor: Actor, *, page: int, size: int) -> tuple[int, Sequence[Notification]]:
    """Count, and the notices of one page (from 1), newest first, with what became of them outside."""
    own = notifications_visible_to(actor)
    count = session.scalar(select(func.count()).select_from(own.subquery())) or 0
    query = own.options(selectinload(Notification.deliveries)).order_by(Notification.id.desc())
    return count, session.scalars(query.offset((page - 1) * size).limit(size)).all()
