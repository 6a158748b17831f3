"""Counting in Redis: what happens too often within a time has to wait. Failed log-ins in a row: attempts.py."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from app.workflow import queues


@dataclass(frozen=True)
class Limit:
    """At most `most` failures within `window` seconds; then `wait` seconds of no tries at all."""

    name: str
    most: int
    window: int
    wait: int


# One step, so that many tries at once cannot slip past the count: drop what is too old, count, and note this try.
# Returns 0 when the try may go on, else the seconds to wait.
_NOTE = """
local locked = redis.call('TTL', KEYS[2])
if locked > 0 then return locked end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return math.max(1, math.ceil(oldest[2] + ARGV[2] - ARGV[1]))
end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[2])
if tonumber(ARGV[5]) > 0 and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  redis.call('SET', KEYS[2], '1', 'EX', ARGV[5])
end
return 0
"""


@dataclass(frozen=True)
class Try:
    """One try that was let through; it stays counted as a failure unless it is taken back."""

    limit: Limit
    subject: str
    mark: str


def begin(limit: Limit, subject: str) -> tuple[Try | None, int]:
    """Count a try before it is made. Returns (try, 0), or (None, seconds to wait) when there were too many."""
    mark = secrets.token_hex(8)
    keys = (_key(limit, subject), _key(limit, subject, "wait"))
    wait = int(queues.redis().eval(_NOTE, 2, *keys, time.time(), limit.window, limit.most, mark, limit.wait))
    return (None, wait) if wait else (Try(limit, subject, mark), 0)


def take_back(one: Try) -> None:
    """The try did not fail: it is not counted."""
    queues.redis().zrem(_key(one.limit, one.subject), one.mark)


def forget(limit: Limit, subject: str) -> None:
    """Start anew: after a success, or when an operator unlocks an account."""
    queues.redis().delete(_key(limit, subject), _key(limit, subject, "wait"))


def is_news(what: str, seconds: int) -> bool:
    """Whether this is told for the first time in so many seconds: of many refusals the trail needs one line."""
    return bool(queues.redis().set(f"login:told:{what}", "1", nx=True, ex=max(seconds, 1)))


def _key(limit: Limit, subject: str, kind: str = "failures") -> str:
    return f"login:{limit.name}:{kind}:{subject}"
