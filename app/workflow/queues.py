"""RQ queues: which message goes where. One worker process serves one queue."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from app.base import logs
from app.base.redisaddress import link_to
from app.base.settings import once
from config import Settings

log = logging.getLogger(__name__)

QUEUES = ("notices", "ems", "documents", "bulk", "webhooks")
_QUEUE_OF_KIND = {
    "notice": "notices",
    "channel": "notices",
    "code": "notices",
    "letter": "notices",
    "event": "notices",
    "ems": "ems",
    "document": "documents",
    "webhook": "webhooks",  # receivers that hang hold up nothing of ours
}
_AT_THE_FRONT = {"code"}  # somebody sits there and waits for it
_TICKETS_A_JOB = 50
# A job is a process, which opens its connections to providers anew.
_MORE_TICKETS_A_JOB = {"notices": 200}
Ticket = tuple[int, str, int]  # what stands on a queue: outbox id, kind and tries so far
_kept: ContextVar[list[Ticket] | None] = ContextVar("kept", default=None)


@once
def redis(settings: Settings) -> Redis:
    """The Redis connection of this process; nothing is opened until it is needed, and a master is followed."""
    return link_to(settings.redis_url)


def queue(name: str) -> Queue:
    """The RQ queue of that name."""
    return Queue(name, connection=redis(), serializer=JSONSerializer)


@contextmanager
def together() -> Iterator[None]:
    """Keep what is to be delivered until the block ends, and ask for it then in few jobs instead of one each.

    A job costs a forked process, more than most deliveries; what is kept by a process that dies the sweeper finds.
    """
    kept: list[Ticket] = []
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        enqueue_delivery(kept)


def enqueue_delivery(messages: Sequence[Ticket]) -> None:
    """Ask the workers to deliver these now.

    A Redis that does not answer loses nothing: the outbox row is the truth and the sweeper comes by again.
    """
    kept = _kept.get()
    if kept is not None:
        kept.extend(messages)
        return
    by_queue: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for message_id, kind, attempts in messages:
        place = _QUEUE_OF_KIND.get(kind, "bulk"), kind in _AT_THE_FRONT
        by_queue.setdefault(place, []).append((message_id, attempts))
    try:
        for (name, at_front), tickets in by_queue.items():
            size = tickets_a_job(name)
            for start in range(0, len(tickets), size):
                part, how = tickets[start : start + size], _how(retries=2, timeout=300)
                queue(name).enqueue("app.workflow.jobs.deliver_job", part, at_front=at_front, **how)
    except RedisError:
        log.warning("queue unreachable; the sweeper will deliver %d messages", len(messages))


def tickets_a_job(name: str) -> int:
    """How many messages one job of this queue delivers at most."""
    return _MORE_TICKETS_A_JOB.get(name, _TICKETS_A_JOB)


def enqueue_job(name: str, job: str, *args: Any, timeout: int = 3600) -> None:
    """Put one job on a queue; arguments are plain ids and strings."""
    queue(name).enqueue(job, *args, **_how(retries=3, timeout=timeout))


def _how(*, retries: int, timeout: int) -> dict[str, Any]:
    """What is the same for every job; it knows for which request it is done."""
    return {
        "retry": Retry(max=retries),
        "result_ttl": 0,
        "job_timeout": timeout,
        "meta": {"request": logs.request_id()},
    }
