"""Why somebody sees whole what is masked for everybody: who may, which reason is asked, and the lines that stay.

Pages, downloads and the API ask here; the person reads on the phone who saw their data whole, and for which reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.access import audit, looks
from app.access.actors import MODULES, Actor
from app.base.errors import Forbidden, Invalid

VIEW: Final = "personal_data"
CAN_REVEAL: Final = "can_reveal"
OTHER: Final = "other"
REASONS: Final[Mapping[str, Any]] = {
    "contact": _("To reach the person"),
    "identity": _("To check who the person is"),
    "correction": _("To correct a mistake in the data"),
    "reporting": _("To report to a superior office"),
    OTHER: _("Another reason, in own words"),
}
MOST_WORDS: Final = 200
_LINES: Final = 1000  # written with one statement


@dataclass(frozen=True)
class Reason:
    """One of the choices, and what was added in own words."""

    choice: str
    words: str

    @property
    def told(self) -> dict[str, str]:
        """As the trail keeps it."""
        return {"reason": self.choice, **({"words": self.words} if self.words else {})}


def may_reveal(actor: Actor) -> bool:
    """Whether the role has it, and some module is open to the actor at all (R1.4)."""
    return actor.may(CAN_REVEAL, VIEW) and any(map(actor.reads, MODULES))


def refuse_who_may_not(actor: Actor) -> None:
    """Raise Forbidden."""
    if not may_reveal(actor):
        raise Forbidden()


def reason_of(actor: Actor, choice: str, words: str = "", *, field: str = "reason") -> Reason:
    """The reason that this actor gives. A choice that is none of ours is one in own words.

    Raises Forbidden for who may not, Invalid at `field` where nothing is said.
    """
    refuse_who_may_not(actor)
    choice, words = " ".join(choice.split()), " ".join(words.split())
    if choice not in REASONS:
        choice, words = OTHER, f"{choice} {words}".strip()
    if len(words) > MOST_WORDS:
        raise Invalid({field: [_("Please say it in at most %(most)s characters.", most=MOST_WORDS)]})
    if choice == OTHER and not words:
        raise Invalid({field: [_("Please say why you need the data in full: it stands in the audit trail.")]})
    return Reason(choice, words)


def line_of(row: Any, reason: Reason, *, actor: Actor, **detail: Any) -> audit.AuditLine:
    """That the actor has seen this row whole; not yet written."""
    told = {**reason.told, **detail}
    return audit.line_of(audit.REVEAL, actor=actor, subject=looks.subject_of(row), detail=told, about=row)


def write(lines: Sequence[audit.AuditLine]) -> None:
    """Any number of lines, with few statements."""
    for start in range(0, len(lines), _LINES):
        audit.write(lines[start : start + _LINES])
