"""What happens in the same transaction when an event of the online termination is fired."""

from __future__ import annotations

from app.access.actors import SYSTEM
from app.signing.online.models import TERMINATION_FAILED, TERMINATION_OPEN
from app.termination.online.models import OnlineTermination
from app.termination.snapshots import CERTIFICATE
from app.termination.workflow import ends_agreement
from app.workflow import engine
from app.workflow.table import Context, foretells


def mark_agreement(context: Context[OnlineTermination]) -> None:
    """The agreement shows that its termination is in progress: unit's tabs, and no voiding meanwhile."""
    context.case.signing.termination = TERMINATION_OPEN


def mark_failure(context: Context[OnlineTermination]) -> None:
    """The agreement stays in force, and shows that its last termination failed."""
    context.case.signing.termination = TERMINATION_FAILED


def unmark_agreement(context: Context[OnlineTermination]) -> None:
    """The agreement is as if nothing had been asked for."""
    context.case.signing.termination = None


@foretells(ends_agreement)
def end_agreement(context: Context[OnlineTermination]) -> None:
    """The agreement ends with this event: the graduate is free, the employment system gets 待就业 (R4.9)."""
    engine.fire("online_signing", context.case.signing_id, "terminate", actor=SYSTEM)
    unmark_agreement(context)
    context.post("document", {"document": CERTIFICATE})
