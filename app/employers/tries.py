"""A limit on guessing graduates: failed tries per unit within ten minutes (R6.2)."""

from __future__ import annotations

from app.errors import Throttled
from app.workflow.queues import redis

MOST, SECONDS = 30, 600


def refuse_exhausted(employer_id: int) -> None:
    """Raise Throttled, with the seconds to wait, when the unit has used up its failed tries."""
    key = _key(employer_id)
    if int(redis().get(key) or 0) >= MOST:
        raise Throttled(max(1, int(redis().ttl(key))))


def count_miss(employer_id: int, misses: int = 1) -> None:
    """Remember failed tries; the first one starts the ten minutes."""
    with redis().pipeline() as pipe:
        pipe.incrby(_key(employer_id), misses)
        pipe.expire(_key(employer_id), SECONDS, nx=True)
        pipe.execute()


def _key(employer_id: int) -> str:
    return f"favorites:misses:{employer_id}"
