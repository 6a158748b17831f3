"""The API of the dispatches."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request
from flask_babel import gettext as _

from app.base.errors import NotFound
from app.base.workbook import too_large
from app.cases.api import CaseApi, refuse_impossible
from app.fab.api import describe, expose, json_answer
from app.fab.search import Equal, OneOf
from app.fab.shapes import BOOLEAN, FILE, JOB
from app.leaving.dispatch.search import SILENT, SilentFor
from app.leaving.dispatch.services import record_sheet
from app.leaving.dispatch.sheets import HEADINGS, MOST_BYTES, dispatch_columns, read_rows
from app.web import payload
from app.web.sheets import Column

_DRY_RUN = {**BOOLEAN, "default": False, "description": "Only tried: the job's result says what would become of each"}


class DispatchApi(CaseApi):
    """W13 档案寄递."""

    workflow = "dispatch"
    search = {
        **CaseApi.search,
        "number": (Equal, OneOf),
        "way": (Equal, OneOf),
        "tracking_number": (Equal,),
        "sent_on": None,
        "received_on": None,
        SILENT: (SilentFor,),
    }

    def columns(self) -> Sequence[Column]:
        """For the archive office."""
        return dispatch_columns()

    @expose("/sheet/<string:what>", methods=["POST"])
    @describe(JOB, status=202, upload={"file": FILE}, query={"dry_run": _DRY_RUN}, errors=(404, 413))
    def sheet(self, what: str) -> Response:
        """Record what an xlsx says of many archives (`send`, `receive`), found by the number of their transfer.

        A sheet with anything wrong is refused as a whole; a job judges each archive of a right one.
        """
        actor = self.actor()
        if what not in HEADINGS:
            raise NotFound(_("There is no such step in this workflow."), "unknown_event")
        refuse_impossible(self.table, what, actor)
        rows = read_rows(uploaded_sheet(), what)
        dry_run = request.args.get("dry_run") in ("1", "true")
        return json_answer(202, {"job_id": record_sheet(what, rows, actor=actor, dry_run=dry_run).id})


def uploaded_sheet() -> bytes:
    """The uploaded file."""
    return payload.uploaded(most=MOST_BYTES, too_large=too_large(MOST_BYTES))[0]
