"""What happens when everything is confirmed, and when what was confirmed has changed."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.documents.queries import document_of
from app.household.types import KINDS
from app.leaving.models import Leaving, LeavingSheet
from app.leaving.numbering import check_number, transfer_number
from app.leaving.queries import registered_by, sheets_of
from app.leaving.snapshots import sheet_snapshot
from app.roster.snapshots import student_facts
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context

SHEET = "sheet"  # the paper


def wait_for_nothing(context: Context[Leaving]) -> None:
    """Nobody has to approve it, so a young phone number holds nothing up. The proof in the history says so."""
    context.case.unconfirmed_since = None


def freeze(context: Context[Leaving]) -> None:
    """What is registered now stands on the sheet, under a new 核验编号; the archive gets its 转递编号.

    An archive that goes where it went when it was confirmed before keeps its number.
    """
    case, registered = context.case, registered_by(context.case.graduate_id)
    archive = registered["archive"]
    case.number = check_number()
    case.transfer_number = _transfer_number(case, archive["case_id"]) if archive else None
    case.confirmed_at, case.reopened_at = context.at, None
    case.student = student_facts(case.graduate)
    case.data = {"registered": registered, "transfer_number": case.transfer_number}
    case.snapshot = sheet_snapshot(case, registered)
    session.add(
        LeavingSheet(
            number=case.number,
            leaving_id=case.id,
            transfer_number=case.transfer_number,
            archive_id=archive["case_id"] if archive else None,
            confirmed_at=context.at,
        )
    )


def _transfer_number(case: Leaving, archive_id: int) -> str:
    known = next((one for one in sheets_of(case.id) if one.archive_id == archive_id and one.transfer_number), None)
    if known is not None and known.transfer_number:
        return known.transfer_number
    while True:
        number = transfer_number(case.cohort, case.graduate.school.code)
        taken = select(LeavingSheet.number).where(LeavingSheet.transfer_number == number)
        if session.scalar(taken.limit(1)) is None:
            return number


def order_sheet(context: Context[Leaving]) -> None:
    """The sheet is made by a worker after the commit."""
    context.post("document", {"document": SHEET})


def open_again(context: Context[Leaving]) -> None:
    """What is registered is shown as it is now; the old sheet is kept under its number, which says that it was replaced."""
    case = context.case
    old = document_of(case.workflow_name, case.id, SHEET)
    if old is not None:
        old.kind = f"{SHEET}-{case.number}"
    case.number = case.transfer_number = case.snapshot = case.confirmed_at = case.student = None
    case.data, case.reopened_at = {}, context.at


def follow_changes(context: Context[Any]) -> None:
    """What was confirmed is opened again as soon as another record of the graduate changes what was confirmed.

    Its row is held whatever its state, so that a confirmation at the same moment comes before the change or after it.
    """
    graduate_id = getattr(context.case, "graduate_id", None)
    held = context.workflow.state(str(context.origin)).stage == Stage.IN_FORCE
    # What binds a graduate comes into force where nothing was, or something else ends for it.
    if graduate_id is None or not (held or context.workflow.name in KINDS):
        return
    query = select(Leaving).where(Leaving.graduate_id == graduate_id)
    case = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if case is None or case.stage != Stage.IN_FORCE or not _differs(case.data["registered"], context.case):
        return
    engine.fire("leaving", case.id, "reopen", actor=SYSTEM, data={"reason": _("What you confirmed has changed.")})


def _differs(confirmed: dict[str, Any], changed: Any) -> bool:
    """Whether what is registered is not what was confirmed; `changed` may hold its claim until the end of its step."""
    record = confirmed["destination"] or {}
    ended = (record.get("workflow"), record.get("case_id")) == (changed.workflow_name, changed.id)
    if ended and changed.stage != Stage.IN_FORCE:
        return True
    return _told(confirmed) != _told(registered_by(changed.graduate_id))


def _told(registered: dict[str, Any]) -> dict[str, Any]:
    """What counts as a change: not how a code is called today."""
    return {
        kind: {name: value for name, value in (record or {}).items() if name != "label"}
        for kind, record in registered.items()
    }
