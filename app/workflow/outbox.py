"""The outbox: messages written with the change that causes them, delivered by workers after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.base import clock
from app.base.database import on_commit, session
from app.workflow import undo
from app.workflow.models import OutboxMessage

# Until then the job that was put on the queue at the commit has the message; later the sweeper takes it up.
GRACE = timedelta(seconds=20)


def post(
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    order_key: str | None = None,
    workflow: str | None = None,
    case_id: int | None = None,
    not_before: datetime | None = None,
) -> OutboxMessage:
    """Write one message in the running transaction.

    `key` names it for ever: the receiver uses it to see a repetition. Messages with the same `order_key` are
    delivered one after the other, in the order of writing.
    """
    message = OutboxMessage(
        kind=kind, payload=dict(payload), key=key, order_key=order_key, workflow=workflow, case_id=case_id
    )
    post_all([message], not_before=not_before)
    return message


def post_all(messages: Sequence[OutboxMessage], *, not_before: datetime | None = None) -> None:
    """Write several messages with one statement and put them on the queues once the change is committed.

    What may not leave before a time to come waits for the sweeper.
    """
    if not messages:
        return
    held_until, now = undo.hold(messages), clock.now()
    waits = [one for one in (not_before, held_until) if one is not None and one > now]
    for message in messages:
        message.next_attempt_at = max(waits, default=now + GRACE)
    session.add_all(messages)
    if not waits:  # else the sweeper takes them up in time
        on_commit(_enqueue, *messages)


def _enqueue(*messages: OutboxMessage) -> None:
    from app.workflow import queues

    queues.enqueue_delivery([(m.id, m.kind, 0) for m in messages])
