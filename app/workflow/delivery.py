"""Delivery of the outbox: at least once, in order where order matters, with back-off and dead letters (R4.9, R10.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import aliased

from app.base import clock
from app.base.database import apart, session, transaction
from app.base.failures import Failure, told
from app.workflow import queues
from app.workflow.models import OutboxMessage
from app.workflow.queues import Ticket

log = logging.getLogger(__name__)

Handler = Callable[[OutboxMessage], None]
OnFailure = Callable[[OutboxMessage, Exception], None]
_TICKET = (OutboxMessage.id, OutboxMessage.kind, OutboxMessage.attempts)
Borne = tuple[int, int]  # as a job of the queue bears it: id and tries so far
Outages = tuple[type[Exception], ...]
Together = Callable[[Sequence[OutboxMessage]], None]
MAX_ATTEMPTS = 12
ELSEWHERE = "by_file"  # the error of what somebody carries: it holds up nothing, what is behind it goes the same way
# The pause between tries doubles with each; beyond this the doubling would leave what a time span can hold.
_MOST_DOUBLINGS = 40
_FIRST_DELAY, _LONGEST_DELAY = timedelta(seconds=5), timedelta(hours=1)


@dataclass(frozen=True)
class _Portion:
    """A handler that takes several messages at once."""

    function: Together

    def __call__(self, message: OutboxMessage) -> None:
        self.function([message])


@dataclass(frozen=True)
class Outside:
    """Who takes messages in transactions of its own (app.workflow.outside)."""

    hand_over: Callable[[Sequence[Borne]], int]  # records what fails, and returns how many were taken


Taker = Handler | Outside
_handlers: dict[str, tuple[Taker, OnFailure | None, Outages]] = {}


class GiveUp(Failure):
    """Raised by a handler when trying again cannot help; the message becomes a dead letter at once."""

    def __init__(self, words: str, *, code: str = "given_up", detail: str | None = None) -> None:
        super().__init__(words, code=code, detail=detail)


def handler(kind: str, *, on_failure: OnFailure | None = None, outages: Outages = ()) -> Callable[[Handler], Handler]:
    """Register the function that delivers messages of a kind; it runs in a transaction and may run twice.

    `on_failure` runs when a try has failed, with the message's new status, in the transaction that records it. An
    error of `outages` (a system that is down, a full disk) never makes a dead letter: it is tried every hour until
    it is over.
    """

    def keep(function: Handler) -> Handler:
        _handlers[kind] = function, on_failure, outages
        return function

    return keep


def together(kind: str) -> Callable[[Together], Together]:
    """Register the function that delivers messages of a kind by the portion, one at least; it writes rows and nothing else.

    A portion is one transaction. Where one of its messages fails, all of it is undone and each delivered alone: so what
    goes outside, and could not be taken back, is no kind for this.
    """

    def keep(function: Together) -> Together:
        _handlers[kind] = _Portion(function), None, ()
        return function

    return keep


def register_outside(kind: str, taker: Outside, on_failure: OnFailure | None) -> None:
    """Register who takes messages of a kind outside; called by app.workflow.outside."""
    _handlers[kind] = taker, on_failure, ()


def handler_of(kind: str) -> Taker | None:
    """Who delivers messages of a kind."""
    return _handlers[kind][0] if kind in _handlers else None


def deliver_together(tickets: Sequence[Borne]) -> list[Borne]:
    """Deliver those of the tickets (id, tries so far) whose kind takes a portion at once, each kind in one transaction.

    Returns the tickets that are left to be delivered one by one.
    """
    portions = {kind: one for kind, (one, *_rest) in _handlers.items() if isinstance(one, _Portion)}
    asked = [one for one, _tries in tickets]
    kinds = select(OutboxMessage.kind, OutboxMessage.id)
    kinds = kinds.where(OutboxMessage.id.in_(asked), OutboxMessage.kind.in_(portions))
    of_kind: dict[str, set[int]] = {}
    with transaction():
        for kind, message_id in session.execute(kinds):
            of_kind.setdefault(kind, set()).add(message_id)
    settled: set[int] = set()
    for kind, ids in of_kind.items():
        try:
            _deliver_portion(portions[kind], [ticket for ticket in tickets if ticket[0] in ids])
            settled |= ids
        except Exception as error:
            log.warning("a portion of %d %s messages is delivered one by one: %s", len(ids), kind, error)
    return [ticket for ticket in tickets if ticket[0] not in settled]


def _deliver_portion(portion: _Portion, tickets: Sequence[Borne]) -> None:
    with apart():
        messages = claimed(tickets)
        if not messages:
            return
        portion.function(messages)
        done = {"status": "done", "done_at": clock.now(), "attempts": OutboxMessage.attempts + 1}
        done |= dict.fromkeys(("last_error", "error_code", "error_detail"))
        query = update(OutboxMessage).where(OutboxMessage.id.in_([one.id for one in messages])).values(done)
        session.execute(query, execution_options={"synchronize_session": False})
        order_keys = {one.order_key for one in messages if one.order_key}
    for one in messages:
        session.expire(one)
    if order_keys:
        _enqueue_next(order_keys)


def deliver(message_id: int, *, attempts: int | None = None) -> bool:
    """Deliver one message if it is still open and nothing before it in its order is.

    `attempts` is how often it had been tried when it was put on the queue: a ticket older than the last failure is
    void, so that tickets which piled up behind a dead worker do not use up all tries at once. Returns whether it
    was delivered now. What the handler writes and the mark `done` are one transaction.
    """
    kind = "?"
    try:
        with transaction():
            message = _claimed(message_id, attempts)
            if message is None:
                return False
            kind, tries, order_key = message.kind, message.attempts, message.order_key
            taker = _handlers[kind][0]
            if not isinstance(taker, Outside):
                taker(message)
                note_done(message)
    except Exception as error:
        log.warning("delivery of %s message %s failed: %s", kind, message_id, error)
        record_failure(message_id, error)
        return False
    if isinstance(taker, Outside):
        return taker.hand_over([(message_id, tries)]) == 1
    if order_key:
        _enqueue_next([order_key])
    return True


def note_done(message: OutboxMessage) -> None:
    """Write down that the message has been delivered."""
    message.status, message.done_at = "done", clock.now()
    message.last_error = message.error_code = message.error_detail = message.begun = None
    message.attempts += 1


def claimed(tickets: Sequence[Borne]) -> list[OutboxMessage]:
    """Those of the tickets that are valid and can be delivered now, held until the transaction ends; oldest first."""
    tries = dict(tickets)
    messages = session.scalars(_free(list(tries)).order_by(OutboxMessage.id)).all()
    return [one for one in messages if one.attempts == tries[one.id]]


def _claimed(message_id: int, attempts: int | None) -> OutboxMessage | None:
    query = _free([message_id])
    if attempts is not None:
        query = query.where(OutboxMessage.attempts == attempts)
    return session.scalar(query)


def _free(message_ids: Sequence[int]) -> Select[tuple[OutboxMessage]]:
    """Those of the messages that can be delivered now and that nobody else has in hand, held."""
    return (
        select(OutboxMessage)
        .where(OutboxMessage.id.in_(message_ids), OutboxMessage.status == "queued", _has_its_turn(), _is_free())
        .with_for_update(skip_locked=True, of=OutboxMessage)
        .execution_options(populate_existing=True)
    )


def _has_its_turn() -> ColumnElement[bool]:
    """Nothing before the message in its order is open; a dead letter holds up those behind it until it is retried,
    what is carried elsewhere does not.
    """
    earlier = aliased(OutboxMessage)
    open_before = select(earlier.id).where(
        earlier.order_key == OutboxMessage.order_key,
        earlier.id < OutboxMessage.id,
        earlier.status != "done",
        earlier.error_code.is_distinct_from(ELSEWHERE),
    )
    return ~open_before.exists()


def _is_free() -> ColumnElement[bool]:
    """The verdict of which it tells can no longer be taken back."""
    return or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= clock.now())


def record_failure(message_id: int, error: Exception) -> None:
    """Write down what went wrong with a try whose transaction was undone."""
    with transaction():
        message = session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
        if message is not None and message.status == "queued":
            note_failure(message, error)


def note_failure(message: OutboxMessage, error: Exception) -> None:
    """Write down what went wrong, and when it is tried again, if ever."""
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:2000]
    message.error_code, message.error_detail = told(error)
    doublings = min(message.attempts - 1, _MOST_DOUBLINGS)
    message.next_attempt_at = clock.now() + min(_FIRST_DELAY * 2**doublings, _LONGEST_DELAY)
    _handler, on_failure, outages = _handlers.get(message.kind, (None, None, ()))
    if isinstance(error, GiveUp) or (message.attempts >= MAX_ATTEMPTS and not isinstance(error, outages)):
        message.status = "failed"
    if on_failure is not None:
        on_failure(message, error)


def _enqueue_next(order_keys: Collection[str]) -> None:
    query = (
        select(*_TICKET)
        .where(OutboxMessage.order_key.in_(order_keys), OutboxMessage.status == "queued")
        .distinct(OutboxMessage.order_key)
        .order_by(OutboxMessage.order_key, OutboxMessage.id)
    )
    with transaction():
        following = _tickets(session.execute(query))
    queues.enqueue_delivery(following)


def due(limit: int = 500) -> list[Ticket]:
    """Tickets of the messages whose time and turn have come and which nobody has finished, oldest first."""
    query = (
        select(*_TICKET)
        .where(OutboxMessage.status == "queued", OutboxMessage.next_attempt_at <= clock.now(), _has_its_turn())
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(limit)
    )
    return _tickets(session.execute(query))


def _tickets(rows: Iterable[Any]) -> list[Ticket]:
    return [(row.id, row.kind, row.attempts) for row in rows]


def sweep(limit: int = 500) -> int:
    """Put overdue messages on the queues again, e.g. after a worker was killed; returns how many."""
    with transaction():
        found = due(limit)
        if found:
            later = clock.now() + timedelta(seconds=20)
            # Whoever holds a row delivers it or takes it back; to wait for them in any order could be a deadlock.
            ids, queued = [ticket[0] for ticket in found], OutboxMessage.status == "queued"
            free = select(OutboxMessage.id).where(OutboxMessage.id.in_(ids), queued).with_for_update(skip_locked=True)
            put_off = session.scalars(free).all()
            session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(put_off)).values(next_attempt_at=later))
    queues.enqueue_delivery(found)
    return len(found)


def retry(message_ids: Sequence[int]) -> int:
    """Give dead or waiting messages a fresh start; called by operators through the sync and notice queues."""
    with transaction():
        rows = session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(message_ids), OutboxMessage.status != "done")
            .values(status="queued", attempts=0, next_attempt_at=func.greatest(clock.now(), OutboxMessage.not_before))
            .returning(*_TICKET)
        ).all()
    queues.enqueue_delivery(_tickets(rows))
    return len(rows)
