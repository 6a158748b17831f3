"""How the end of agreements is told: workflows that may end a signing declare an `End`, the pages of the signings ask.

The room of the terminations lies above this one, which must not import it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, false

from app.access.actors import Actor
from app.signing.online.models import OnlineSigning
from app.workflow import registry
from app.workflow.stages import Stage

# The employer's tabs in which the latest state is that of the termination.
TABS = ("terminating", "terminated", "termination_failed")


class End(Protocol):
    """What a workflow that may end a signing answers about it."""

    def is_open(self, signing: Any) -> bool:
        """Whether an application to end this signing is in progress; then it cannot be voided."""

    def held(self, signing: Any) -> Sequence[Any]:
        """The applications in progress, held until the transaction ends; the event `lapse` ends each."""


class Teller(End, Protocol):
    """The same of agreements signed online, whose pages and tabs also tell of it."""

    def states(self, tab: str) -> Sequence[tuple[str, str]]:
        """The states, with their labels, in which the newest termination of an agreement of this tab can be."""

    def is_in(self, state: str) -> ColumnElement[bool]:
        """Whether the newest termination of an agreement is in this state."""

    def newest(self, signings: Sequence[OnlineSigning], actor: Actor) -> Mapping[int, Mapping[str, Any]]:
        """Signing id → case, label and tone of its newest termination."""

    def panel(self, signing: OnlineSigning, actor: Actor) -> Mapping[str, Any] | None:
        """What the page of an agreement shows of its terminations; None where there is nothing to show."""


def of(workflow: str) -> list[Any]:
    """The ends that other workflows declare of this one."""
    return [flow.ends[workflow] for flow in registry.all_workflows() if workflow in flow.ends]


def is_ending(signing: Any) -> bool:
    """Whether an application to end this signing is in progress."""
    return any(end.is_open(signing) for end in of(signing.workflow_name))


def _teller() -> Teller | None:
    """Who tells of the ends of agreements signed online."""
    return next((end for end in of(OnlineSigning.workflow_name) if hasattr(end, "panel")), None)


def states(tab: str) -> Sequence[tuple[str, str]]:
    """The states to filter this tab by; () where the agreement's own states count."""
    teller = _teller()
    return teller.states(tab) if teller and tab in TABS else ()


def is_in(state: str) -> ColumnElement[bool]:
    """Agreements whose newest termination is in this state."""
    teller = _teller()
    return teller.is_in(state) if teller else false()


def newest(signings: Sequence[OnlineSigning], actor: Actor) -> Mapping[int, Mapping[str, Any]]:
    """Signing id → its newest termination, of those that can have one; one statement, none when no one can."""
    ended = [one for one in signings if one.termination or one.stage == Stage.ENDED]
    teller = _teller()
    return teller.newest(ended, actor) if teller and ended else {}


def panel(signing: OnlineSigning, actor: Actor) -> Mapping[str, Any] | None:
    """What the page of an agreement shows of its terminations."""
    teller = _teller()
    return teller.panel(signing, actor) if teller else None
