"""What an installation is asked about itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.access.actors import OPERATOR
from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.workflow import queues
from app.workflow.models import OutboxMessage


@dataclass(frozen=True)
class Messages:
    """How many messages of one kind are due or have failed for good, and since how many seconds the first is due."""

    kind: str
    due: int
    failed: int
    late: float


def has_operator() -> bool:
    """Whether there is anybody who can log in and make the other accounts."""
    query = select(Account.id).join(Account.user).where(Account.kind == OPERATOR, User.active)
    return session.scalar(query.limit(1)) is not None


def messages_at_work() -> Iterator[Messages]:
    """What has still to leave, by kind; only rows that are not done are looked at. For those who run the platform."""
    now = clock.now()
    due = (OutboxMessage.status == "queued") & (OutboxMessage.next_attempt_at <= now)
    query = select(
        OutboxMessage.kind,
        func.count().filter(due),
        func.count().filter(OutboxMessage.status == "failed"),
        func.min(OutboxMessage.next_attempt_at).filter(due),
    )
    unfinished = OutboxMessage.status.in_(("queued", "failed"))
    for kind, waiting, failed, first in session.execute(query.where(unfinished).group_by(OutboxMessage.kind)):
        yield Messages(kind, waiting, failed, (now - first).total_seconds() if first else 0.0)


def jobs_waiting() -> dict[str, int]:
    """How many jobs lie on each queue of the workers. For those who run the platform; raises RedisError."""
    return {name: queues.queue(name).count for name in queues.QUEUES}
