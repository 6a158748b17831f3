"""Notices that a reader may see: used by the inbox pages, the API and the frame of every page."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from app.access.actors import Actor
from app.base.database import session
from app.notices.models import Notification

_MOST_COUNTED = 100  # the badge says 99+: counting all would read thousands of rows at each page


def notifications_visible_to(actor: Actor) -> Select[tuple[Notification]]:
    """The actor's own inbox, newest first, ready to be filtered and paged; nobody reads another's."""
    return select(Notification).where(Notification.user_id == actor.user_id).order_by(Notification.id.desc())


def unread_count(actor: Actor) -> int:
    """How many notices the actor has not read, counted up to 100; answered by a partial index."""
    unread = (
        select(Notification.id)
        .where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
        .limit(_MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0
