"""What happens in the same transaction when an event of an objection is fired."""

from __future__ import annotations

from app.access.actors import SYSTEM
from app.objection.models import Objection
from app.objection.queries import record_of
from app.signing import ends
from app.workflow import engine
from app.workflow.stages import BINDING
from app.workflow.table import Context


def wait_for_nothing(context: Context[Objection]) -> None:
    """A young phone number holds no objection up: nobody has to approve it. The proof in the history says so."""
    context.case.unconfirmed_since = None


def let_school_see(context: Context[Objection]) -> None:
    """From now on the school knows of it."""
    context.case.asked_at = context.at


def overturn_record(context: Context[Objection]) -> None:
    """The finding stands in the record's history too; what binds the graduate is void, and what would end it lapses.

    All rows are held before the first history is written, those that end others first: nobody waits in a circle.
    """
    case = context.case
    applications = [one for end in ends.of(case.about) for one in end.held(record_of(case, actor=SYSTEM))]
    record = record_of(case, actor=SYSTEM, hold=True)
    data = {"reason": context.data["reason"], "objection": case.id}
    if record.stage in BINDING:
        for one in applications:
            engine.fire(one.workflow_name, one.id, "lapse", actor=SYSTEM, data=data)
    engine.fire(case.about, case.about_id, "uphold", actor=SYSTEM, data=data)
