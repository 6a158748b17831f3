"""What happens in the same transaction when an event of an objection is fired."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import SYSTEM
from app.objection.models import Objection
from app.objection.queries import record_of
from app.signing import ends
from app.workflow import engine
from app.workflow.stages import BINDING
from app.workflow.table import Context, foretells


def wait_for_nothing(context: Context[Objection]) -> None:
    """A young phone number holds no objection up: nobody has to approve it. The proof in the history says so."""
    context.case.unconfirmed_since = None


def let_school_see(context: Context[Objection]) -> None:
    """From now on the school knows of it."""
    context.case.asked_at = context.at


def _voids(context: Context[Objection]) -> Any:
    if record_of(context.case, actor=SYSTEM).stage not in BINDING:
        return _("The finding stands in the history of the record, which binds nobody. Graduate and school are told.")
    return _(
        "The record binds %(name)s and is voided at once: the claim ends, a termination in progress ends, and the "
        "employment management system is told: waiting for employment. Graduate, unit and school are told.",
        name=context.case.graduate.name,
    )


@foretells(_voids)
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
