"""What happens in the same transaction when an event of a destination is fired."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.cases.attachments import files_of, kinds_of
from app.cases.effects import keep_changes, report
from app.destination.models import Destination
from app.destination.queries import differences
from app.destination.reports import report_of
from app.schools.seasons.queries import change_is_reviewed
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context

_BY_SIGNING = _("The graduate started a signing.")


def report_destination(context: Context[Destination]) -> None:
    """EMS ← the type's code, unchanged, with what the record knows of the unit (R4.9)."""
    report(context, report_of(context.case))


def correct_record(context: Context[Destination]) -> None:
    """修改去向: the reviewer's record takes the place of the graduate's; both stay in the history (R8.6)."""
    case, corrected = context.case, context.data["record"]
    keep_changes(context, differences(case.data, corrected))
    case.data, case.type = corrected, corrected["type"]


def drop_foreign_files(context: Context[Destination]) -> None:
    """Files of a type that was chosen before are not part of what is handed in."""
    kinds = {kind.name for kind in kinds_of(context.case)}
    for file in files_of(context.case):
        if file.kind not in kinds:
            session.delete(file)


def end_for_signing(case_id: int, context: Context[Any]) -> bool:
    """A destination in force ends by itself when its graduate starts a signing (R7.11); where changes are reviewed it
    stays until that signing is signed.
    """
    if change_is_reviewed(context.case.province_id, context.case.cohort):
        return False
    query = select(Destination.stage).where(Destination.id == case_id).with_for_update()
    if session.scalar(query) == Stage.IN_FORCE:
        engine.fire("destination", case_id, "void", actor=SYSTEM, data={"reason": str(_BY_SIGNING)})
    # Else it has just ended in another way: whoever holds the claim now decides about this signing.
    return True
