"""Notices that a reader may see: used by the inbox pages, the API and the frame of every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Select, bindparam, func, select

from app.access.actors import Actor
from app.base.clock import moment
from app.base.database import session
from app.base.kept import Kept
from app.notices.models import SENT, NoticeDelivery, Notification

READ = "read"  # what has been opened on the site
_MOST_COUNTED = 100  # the badge says 99+: counting all would read thousands of rows at each page


def notifications_visible_to(actor: Actor) -> Select[tuple[Notification]]:
    """The actor's own inbox, newest first, ready to be filtered and paged; nobody reads another's."""
    return select(Notification).where(Notification.user_id == actor.user_id).order_by(Notification.id.desc())


def unread_count(actor: Actor) -> int:
    """How many notices the actor has not read, counted up to 100; answered by a partial index."""
    return _unread().scalar({"reader": actor.user_id}) or 0


@cache
def _unread() -> Kept:
    """Put together once: every page asks."""
    own = (Notification.user_id == bindparam("reader"), Notification.read_at.is_(None))
    found = select(Notification.id).where(*own).limit(_MOST_COUNTED).subquery()
    return Kept(select(func.count()).select_from(found))


@dataclass(frozen=True)
class Delivered:
    """One notice on one way to one reader."""

    at: datetime
    channel: str  # "site" or one of the channels outside
    to: str  # masked
    status: str  # as of deliveries; on the site also READ

    def told(self) -> dict[str, Any]:
        """For the outside."""
        return {"at": moment(self.at), "channel": self.channel, "to": self.to, "status": self.status}


def delivered(workflow: str, readers: Mapping[int, str], templates: Sequence[str]) -> dict[int, list[Delivered]]:
    """By case (id → kind of reader) what of these notices has gone to that reader, the oldest first; one statement."""
    query = (
        select(Notification, NoticeDelivery, User.username)
        .join(User, User.id == Notification.user_id)
        .outerjoin(NoticeDelivery, NoticeDelivery.notification_id == Notification.id)
        .where(Notification.workflow == workflow, Notification.case_id.in_(readers))
        .where(Notification.template.in_(templates))
        .order_by(Notification.id, NoticeDelivery.id)
    )
    found: dict[int, list[Delivered]] = {case_id: [] for case_id in readers}
    seen: set[int] = set()
    for notice, delivery, username in session.execute(query):
        if notice.case_id is None or notice.reader != readers[notice.case_id]:
            continue
        lines = found[notice.case_id]
        if notice.id not in seen:
            seen.add(notice.id)
            lines.append(Delivered(notice.created_at, "site", f"{username[:1]}***", READ if notice.read_at else SENT))
        if delivery is not None:
            lines.append(Delivered(delivery.at, delivery.channel, delivery.address or "", delivery.status))
    return found
