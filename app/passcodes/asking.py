"""Codes are neither sent nor guessed on a stranger's word without end: after some, a question stands before each more,
and after many there is an end (R1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.access import throttle
from app.access.attempts import Held, answered, challenge
from app.base.errors import Invalid, Throttled
from app.passcodes.models import ACTIVATION, LOGIN, RECOVERY, REGISTRATION

_WINDOW = 600
# From one network address, which may be a campus on the day of the activations, or a fair.
_UNASKED: Final = {
    purpose: throttle.Limit(f"unasked_{purpose}", most=most, window=_WINDOW, wait=0)
    for purpose, most in ((ACTIVATION, 60), (REGISTRATION, 20), (RECOVERY, 20), (LOGIN, 60))
}
# Wrong codes, whosever they were meant to be: five tries for one code are little, for a thousand codes they are many.
WRONG_FROM_ADDRESS: Final = throttle.Limit("wrong_codes", most=30, window=_WINDOW, wait=0)
MOST_FROM_ADDRESS: Final = throttle.Limit("wrong_codes_most", most=120, window=_WINDOW, wait=0)
WRONG_EVERYWHERE: Final = throttle.Limit("wrong_codes_everywhere", most=1000, window=_WINDOW, wait=0)
WRONG_OF_ACCOUNT: Final = throttle.Limit("wrong_codes_account", most=30, window=3600, wait=0)
_EVERYWHERE: Final = throttle.Limit("unasked_everywhere", most=3000, window=_WINDOW, wait=0)


def refuse_unasked(purpose: str, ip: str | None, answer: Any) -> None:
    """Let one code be sent, or ask first where many went out; called before issue_code(). Raises Held with the
    question; `answer` is what was sent to an earlier one.
    """
    own, _wait = throttle.begin(_UNASKED[purpose], ip or "unknown")
    all_, _wait = throttle.begin(_EVERYWHERE, "all")
    if (own is None or all_ is None) and not answered(answer):
        raise Held(1, challenge(), _("Many codes were asked for. Please answer the question, then one more is sent."))


@contextmanager
def guessing(ip: str, answer: Any) -> Iterator[None]:
    """Count the block as one wrong code unless it finds it right; called around the look at what a stranger entered.

    Raises Held with a question where many wrong ones came from this address or from everywhere, Throttled where they
    came without end.
    """
    last, wait = throttle.begin(MOST_FROM_ADDRESS, ip)
    if last is None:
        raise Throttled(wait)
    own, all_ = throttle.begin(WRONG_FROM_ADDRESS, ip)[0], throttle.begin(WRONG_EVERYWHERE, "all")[0]
    begun = [one for one in (last, own, all_) if one is not None]
    if len(begun) < 3 and not answered(answer):
        _take_back(begun)
        raise Held(1, challenge(), _("Many wrong codes were entered. Please answer the question, then try again."))
    with _counted(begun):
        yield


@contextmanager
def own_guessing(user_id: int) -> Iterator[None]:
    """The same for somebody who is logged in and enters a code of their own; raises Throttled."""
    one, wait = throttle.begin(WRONG_OF_ACCOUNT, str(user_id))
    if one is None:
        raise Throttled(wait)
    with _counted([one]):
        yield


@contextmanager
def _counted(begun: list[throttle.Try]) -> Iterator[None]:
    """Only what is refused at the code stays counted."""
    try:
        yield
    except Invalid:
        raise
    except BaseException:
        _take_back(begun)
        raise
    _take_back(begun)


def _take_back(begun: list[throttle.Try]) -> None:
    for one in begun:
        throttle.take_back(one)
