"""What happens in the same transaction when an event of an archive or hukou registration is fired."""

from __future__ import annotations

from app.access.actors import SYSTEM
from app.base.database import session
from app.cases.effects import keep_changes
from app.household.models import HouseholdMixin, model_of
from app.household.proposals import locked_values
from app.household.queries import newest_in
from app.household.records import record_json
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context


def replace_previous(context: Context[HouseholdMixin]) -> None:
    """The record in force stays so until this moment; now the new one takes its place.

    The old row leaves `approved` before the new one is written: rows of a table are written in the order of their ids.
    """
    case = context.case
    # What was taken over from the employment system just now: reading the old record must not undo it.
    session.flush([case.graduate])
    previous = newest_in(model_of(case.workflow_name), case.graduate_id, Stage.IN_FORCE)
    if previous is not None and previous.id != case.id:
        engine.fire(case.workflow_name, previous.id, "replace", actor=SYSTEM)


def report_record(context: Context[HouseholdMixin]) -> None:
    """EMS ← the approved record (R4.9); archive and hukou have orders of their own beside the destination's."""
    case = context.case
    context.post(
        "ems",
        {"record": case.workflow_name, "graduate_id": case.graduate_id, "values": record_json(case)},
        order_key=f"graduate:{case.graduate_id}:{case.workflow_name}",
    )


def take_over_change(context: Context[HouseholdMixin]) -> None:
    """A reviewer's correction, or what was changed in the employment system; the history keeps before and after."""
    case, old, new = context.case, context.case.data, context.data["record"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    keep_changes(context, {name: [old.get(name), new.get(name)] for name in names})
    case.data = new
    locked = locked_values(case.workflow_name, case.graduate, new.get("transfer_type"))
    case.copied = [name for name, value in locked.items() if new.get(name) == value]
