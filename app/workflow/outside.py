"""Messages on their way to systems outside, which cannot be taken back: several at once, and each with its own end.

Before a part of them goes out it is committed that it is going, by a mark on each message. Who finds a mark whose try
has no end (its worker was killed, the answer got lost) knows that the message may have arrived, and can ask.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from app.base import clock
from app.base.database import session, transaction
from app.base.failures import Failure
from app.workflow import delivery
from app.workflow.delivery import Borne, OnFailure, Outside
from app.workflow.models import OutboxMessage

log = logging.getLogger(__name__)

Send = Callable[[Sequence[OutboxMessage], str], Mapping[int, Exception]]


@dataclass(frozen=True)
class _Way:
    """How messages of a kind go out."""

    parts: Callable[[Sequence[OutboxMessage]], list[list[int]]]
    send: Send
    rest: Callable[[], None]


class Unsure(Failure):
    """The message may have arrived although nobody said so; the mark of the try stays."""


def handler(
    kind: str,
    *,
    parts: Callable[[Sequence[OutboxMessage]], list[list[int]]],
    rest: Callable[[], None],
    on_failure: OnFailure | None = None,
) -> Callable[[Send], Send]:
    """Register the function that hands messages of a kind to a system outside, several at once.

    It gets them with the mark of this try and returns the errors of those that failed, by their ids. `parts` says which
    go together: as many as may be in hand when a worker is killed. `rest` closes what was kept open for them.
    """

    def keep(send: Send) -> Send:
        delivery.register_outside(kind, Outside(partial(_hand_over, _Way(parts, send, rest))), on_failure)
        return send

    return keep


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
            taker.hand_over(own)
            settled.update(one for one, _tries in own)
    return [ticket for ticket in tickets if ticket[0] not in settled]


def _hand_over(way: _Way, tickets: Sequence[Borne]) -> int:
    """Part by part; a failure is recorded on its row. Returns how many were taken."""
    tries = dict(tickets)
    try:
        return sum(_part(way, [(one, tries[one]) for one in part]) for part in _parts(way, tickets))
    finally:
        way.rest()


def _parts(way: _Way, tickets: Sequence[Borne]) -> list[list[int]]:
    with transaction():
        query = select(OutboxMessage).where(OutboxMessage.id.in_([one for one, _tries in tickets]))
        query = query.where(OutboxMessage.status == "queued").order_by(OutboxMessage.id)
        return way.parts(session.scalars(query).all())


def _part(way: _Way, tickets: Sequence[Borne]) -> int:
    mark = f"{clock.today():%Y%m%d}-{secrets.token_hex(8)}"
    try:
        going = _marked(tickets, mark)
        return _sent(way, going, mark) if going else 0
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


def _sent(way: _Way, going: Sequence[Borne], mark: str) -> int:
    with transaction():
        messages = delivery.claimed(going)  # whoever came between has it in hand, or has ended it
        failed = way.send(messages, mark) if messages else {}
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
