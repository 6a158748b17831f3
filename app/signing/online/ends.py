"""What another room tells about the end of agreements: it declares itself here, the pages of the units ask.

The room of the terminations lies above this one, which must not import it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, false

from app.access.actors import Actor
from app.signing.online.models import OnlineSigning

# The employer's tabs in which the latest state is that of the termination.
TABS = ("terminating", "terminated", "termination_failed")


class Teller(Protocol):
    """How the room of the terminations answers."""

    def states(self, tab: str) -> Sequence[tuple[str, str]]:
        """The states, with their labels, in which the newest termination of an agreement of this tab can be."""

    def is_in(self, state: str) -> ColumnElement[bool]:
        """Whether the newest termination of an agreement is in this state."""

    def newest(self, signings: Sequence[OnlineSigning], actor: Actor) -> Mapping[int, Mapping[str, Any]]:
        """Signing id → case, label and tone of its newest termination."""

    def asked(self, actor: Actor, cohort: int) -> Sequence[Any]:
        """The terminations that wait for this reader's answer, the oldest first."""

    def panel(self, signing: OnlineSigning, actor: Actor) -> Mapping[str, Any] | None:
        """What the page of an agreement shows of its terminations; None where there is nothing to show."""


_tellers: list[Teller] = []


def declare(teller: Teller) -> None:
    """Called by the room of the terminations when its doors open."""
    _tellers[:] = [teller]


def states(tab: str) -> Sequence[tuple[str, str]]:
    """The states to filter this tab by; () where the agreement's own states count."""
    return _tellers[0].states(tab) if _tellers and tab in TABS else ()


def is_in(state: str) -> ColumnElement[bool]:
    """Agreements whose newest termination is in this state."""
    return _tellers[0].is_in(state) if _tellers else false()


def newest(signings: Sequence[OnlineSigning], actor: Actor) -> Mapping[int, Mapping[str, Any]]:
    """Signing id → its newest termination, of those that can have one; one statement, none when no one can."""
    ended = [one for one in signings if one.termination or one.state == "terminated"]
    return _tellers[0].newest(ended, actor) if _tellers and ended else {}


def asked(actor: Actor, cohort: int) -> Sequence[Any]:
    """The terminations that wait for this reader's answer."""
    return _tellers[0].asked(actor, cohort) if _tellers else ()


def panel(signing: OnlineSigning, actor: Actor) -> Mapping[str, Any] | None:
    """What the page of an agreement shows of its terminations."""
    return _tellers[0].panel(signing, actor) if _tellers else None
