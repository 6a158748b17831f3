"""Messages on their way to systems outside, which cannot be taken back: several at once, and each with its own end.

Before a part of them goes out it is committed that it is going, by a mark on each message. Who finds a mark whose try
has no end (its worker was killed, the answer got lost) knows that the message may have arrived, and can ask.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.base import clock
from app.base.database import session, transaction
from app.base.failures import Failure
from app.workflow import delivery
from app.workflow.delivery import Borne, Outside
from app.workflow.models import OutboxMessage

log = logging.getLogger(__name__)


class Unsure(Failure):
    """The message may have arrived although nobody said so; the mark of the try stays."""


def deliver(tickets: Sequence[Borne]) -> list[Borne]:
    """Hand over those of the tickets whose kind goes outside; returns the others."""
    asked = [one for one, _tries in tickets]
    with transaction():
        kinds = select(OutboxMessage.id, OutboxMessage.kind).where(OutboxMessage.id.in_(asked))
        kind_of = dict(session.execute(kinds).tuples().all())
    settled: set[int] = set()
    for kind in sorted(set(kind_of.values())):
        taker = delivery.handler_of(kind)
        if isinstance(taker, Outside):
            own = [ticket for ticket in tickets if kind_of.get(ticket[0]) == kind]
            hand_over(taker, own)
            settled.update(one for one, _tries in own)
    return [ticket for ticket in tickets if ticket[0] not in settled]


def hand_over(taker: Outside, tickets: Sequence[Borne]) -> int:
    """Hand these over, part by part; a failure is recorded on its row. Returns how many were taken."""
    tries = dict(tickets)
    try:
        return sum(_part(taker, [(one, tries[one]) for one in part]) for part in _parts(taker, tickets))
    finally:
        taker.rest()


def _parts(taker: Outside, tickets: Sequence[Borne]) -> list[list[int]]:
    with transaction():
        query = select(OutboxMessage).where(OutboxMessage.id.in_([one for one, _tries in tickets]))
        query = query.where(OutboxMessage.status == "queued").order_by(OutboxMessage.id)
        return taker.parts(session.scalars(query).all())


def _part(taker: Outside, tickets: Sequence[Borne]) -> int:
    mark = f"{clock.today():%Y%m%d}-{secrets.token_hex(8)}"
    try:
        going = _marked(tickets, mark)
        return _sent(taker, going, mark) if going else 0
    except Exception as error:
        log.warning("a part of %d messages failed: %s", len(tickets), error)
        for message_id, _tries in tickets:
            delivery.record_failure(message_id, error)
        return 0


def _marked(tickets: Sequence[Borne], mark: str) -> list[Borne]:
    """Those that can go now, with a mark that stays if nobody comes back; an older mark keeps its place."""
    with transaction():
        messages = delivery.claimed(tickets)
        for message in messages:
            message.begun = message.begun or mark
        return [(message.id, message.attempts) for message in messages]


def _sent(taker: Outside, going: Sequence[Borne], mark: str) -> int:
    with transaction():
        messages = delivery.claimed(going)  # whoever came between has it in hand, or has ended it
        failed = taker.send(messages, mark) if messages else {}
        for message in messages:
            _end(message, failed)
    return len(messages) - len(failed)


def _end(message: OutboxMessage, failed: Mapping[int, Exception]) -> None:
    error = failed.get(message.id)
    if error is None:
        delivery.note_done(message)
        return
    log.warning("delivery of %s message %s failed: %s", message.kind, message.id, error)
    delivery.note_failure(message, error)
    if not isinstance(error, Unsure):
        message.begun = None
