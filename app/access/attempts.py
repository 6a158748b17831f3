"""Failed log-ins in a row, counted by account and place together: guessing becomes slow, no door is closed (R1.1).

A place is a device that has logged in to the account before, else the address. Whoever has the right password gets in:
at once, after half a minute at most, or past a small question. A stranger's tries hold up neither those who come from
elsewhere nor other accounts behind the same address: a campus is one address.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.access import throttle
from app.base.errors import Throttled
from app.workflow import queues

FREE: Final = 5  # failures in a row before the first wait; from an address with many failures fewer
FREE_IN_HEAT: Final = 2
LONGEST_WAIT: Final = 30
MOST_IN_A_ROW: Final = 20
# So many failures over all accounts make an address hot: guessing there slows down sooner, right passwords do not.
HEAT = throttle.Limit("heat", most=50, window=10 * 60, wait=0)
# So many over all addresses, and whoever comes from no known device answers a question first.
_MOST_OF_ACCOUNT = 200
_KEPT = 12 * 3600
_ANSWER_WITHIN = 600

# Field of the account's hash: "failures|time of the last one"; field "all": failures from everywhere.
_TRY = """
local old = redis.call('HGET', KEYS[1], ARGV[1]) or '0|0'
local n, at = string.match(old, '(%d+)|([%d.]+)')
n, at = tonumber(n), tonumber(at)
local over, wait = n - tonumber(ARGV[3]), 0
if over >= 0 then wait = math.min(tonumber(ARGV[4]), 2 ^ (over + 1)) end
local left = math.ceil(at + wait - tonumber(ARGV[2]))
local all = tonumber(redis.call('HGET', KEYS[1], 'all') or '0')
local asked = n >= tonumber(ARGV[5]) or (ARGV[7] == '0' and all >= tonumber(ARGV[6]))
if left > 0 then return {left, asked and 1 or 0} end
if asked and ARGV[8] == '0' then return {0, 1} end
redis.call('HSET', KEYS[1], ARGV[1], (n + 1) .. '|' .. ARGV[2])
redis.call('HINCRBY', KEYS[1], 'all', 1)
redis.call('EXPIRE', KEYS[1], ARGV[9])
return {0, 0}
"""


class Held(Throttled):
    """Wait a moment, or answer a question: then the right password lets in."""

    def __init__(self, wait: int, challenge: dict[str, str] | None, text: Any = None) -> None:
        text = text or (
            _("Too many failed tries. Please answer the question, then try again.")
            if challenge
            else _("Too many failed tries. Please wait %(seconds)s seconds, then try again.", seconds=wait)
        )
        super().__init__(wait, text)
        self.values = {"challenge": challenge} if challenge else {}


@dataclass(frozen=True)
class Attempt:
    """One try to log in, from one place; counted as a failure until it succeeds."""

    subject: str  # under what the account is counted: no name stands in Redis
    ip: str
    device: str | None = None  # a device that the account knows
    answer: Any = None  # what was sent to a question

    @property
    def place(self) -> str:
        """From where: the known device, else the address."""
        return f"device:{self.device}" if self.device else f"address:{self.ip}"


def begin(attempt: Attempt) -> Attempt:
    """Count a try before it is made, so that many at once cannot slip past; raises Held."""
    heat, _wait = (None, 0) if attempt.device else throttle.begin(HEAT, attempt.ip)
    hot = heat is None and attempt.device is None
    wait, asked = _ask(attempt, hot, answered=False)
    if asked and not wait and answered(attempt.answer):
        wait, asked = _ask(attempt, hot, answered=True)
    if wait or asked:
        if heat is not None:
            throttle.take_back(heat)
        raise Held(max(wait, 1), challenge() if asked else None)
    return replace(attempt, answer=heat)


def succeed(attempt: Attempt) -> None:
    """It was no failure: the row of this place begins anew, those of other places stay as they are."""
    redis, key = queues.redis(), _key(attempt.subject)
    redis.hdel(key, attempt.place, "all")
    if isinstance(attempt.answer, throttle.Try):
        throttle.take_back(attempt.answer)


def forget(subject: str) -> None:
    """Start anew from everywhere; when an operator unlocks an account or its owner has set a new password."""
    queues.redis().delete(_key(subject))


def challenge() -> dict[str, str]:
    """A question that people answer at once and that needs no picture, no script and nobody else; good for one try."""
    first, second = secrets.randbelow(40) + 10, secrets.randbelow(9) + 1
    number = secrets.token_urlsafe(12)
    queues.redis().set(f"login:challenge:{number}", str(first + second), ex=_ANSWER_WITHIN)
    return {"id": number, "question": f"{first} + {second} = ?"}


def answered(sent: Any) -> bool:
    """Whether this is the answer to a question that was asked not long ago; a question can be answered once."""
    if not isinstance(sent, dict) or not isinstance(sent.get("id"), str):
        return False
    right = queues.redis().getdel(f"login:challenge:{sent['id'][:64]}")
    return right is not None and str(sent.get("answer")).strip()[:8].encode() == right


def _ask(attempt: Attempt, hot: bool, *, answered: bool) -> tuple[int, bool]:
    free, known = (FREE_IN_HEAT if hot else FREE), int(attempt.device is not None)
    values = (attempt.place, time.time(), free, LONGEST_WAIT, MOST_IN_A_ROW, _MOST_OF_ACCOUNT, known, int(answered))
    wait, asked = queues.redis().eval(_TRY, 1, _key(attempt.subject), *values, _KEPT)
    return int(wait), bool(asked)


def _key(subject: str) -> str:
    return f"login:row:{subject}"
