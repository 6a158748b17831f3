"""Codes are not sent on a stranger's word without end: after some, a question stands before each more (R1.2)."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.access import throttle
from app.access.attempts import Held, answered, challenge
from app.passcodes.models import ACTIVATION, RECOVERY, REGISTRATION

_WINDOW = 600
# From one network address, which may be a campus on the day of the activations, or a fair.
_UNASKED: Final = {
    purpose: throttle.Limit(f"unasked_{purpose}", most=most, window=_WINDOW, wait=0)
    for purpose, most in ((ACTIVATION, 60), (REGISTRATION, 20), (RECOVERY, 20))
}
_EVERYWHERE: Final = throttle.Limit("unasked_everywhere", most=3000, window=_WINDOW, wait=0)


def refuse_unasked(purpose: str, ip: str | None, answer: Any) -> None:
    """Let one code be sent, or ask first where many went out; called before issue_code(). Raises Held with the
    question; `answer` is what was sent to an earlier one.
    """
    own, _wait = throttle.begin(_UNASKED[purpose], ip or "unknown")
    all_, _wait = throttle.begin(_EVERYWHERE, "all")
    if (own is None or all_ is None) and not answered(answer):
        raise Held(1, challenge(), _("Many codes were asked for. Please answer the question, then one more is sent."))
