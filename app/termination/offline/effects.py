"""What happens in the same transaction when an event of an offline termination is fired."""

from __future__ import annotations

from app.access.actors import SYSTEM
from app.termination.offline.guards import not_in_force, proofs_are_there
from app.termination.offline.models import OfflineTermination
from app.termination.offline.queries import signing_of
from app.termination.snapshots import CERTIFICATE
from app.termination.workflow import ends_agreement
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context, foretells


def hold_signing(context: Context[OfflineTermination]) -> None:
    """The signing stays as it is until the commit: the school may be about to void it."""
    if signing_of(context.case, hold=True).stage != Stage.IN_FORCE:
        raise not_in_force()


def count_application(context: Context[OfflineTermination]) -> None:
    """Handed in for the first time: from now on it counts, whatever becomes of it (R3.4)."""
    context.case.submitted_at = context.case.submitted_at or context.at


def settle(context: Context[OfflineTermination]) -> None:
    """How it was settled, for the record (R8.7); raises Invalid when a paper is missing for it."""
    case, data = context.case, context.data
    proofs_are_there(case, data["settlement"])
    case.settlement, case.explanation = data["settlement"], data.get("explanation") or None
    case.data = {**case.data, "settlement": case.settlement, "explanation": case.explanation}


@foretells(ends_agreement)
def end_signing(context: Context[OfflineTermination]) -> None:
    """The signing ends with this approval: the graduate is free at once and the employment system is told (R4.9)."""
    case = context.case
    engine.fire(case.signing_workflow, case.signing_id, "terminate", actor=SYSTEM)
    context.post("document", {"document": CERTIFICATE})
