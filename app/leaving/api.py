"""The API of the leaving confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response
from flask_babel import gettext as _

from app.base.errors import Conflict
from app.cases.api import CaseApi
from app.fab.api import describe, expose
from app.fab.search import Equal, OneOf
from app.fab.shapes import MESSAGE, File
from app.leaving.sheets import leaving_columns
from app.web.numbers import row_id
from app.web.sheets import Column
from app.workflow import engine
from app.workflow.stages import Stage


class LeavingApi(CaseApi):
    """W11 离校确认."""

    workflow = "leaving"
    search = {**CaseApi.search, "transfer_number": (Equal, OneOf)}

    def columns(self) -> Sequence[Column]:
        """For the archive office."""
        return leaving_columns()

    @expose("/<int:pk>/document", methods=["GET"])
    @describe(File("application/pdf"), also={202: MESSAGE}, errors=(409,))
    def document(self, pk: int) -> Response:
        """The sealed 去向登记信息表; 202 with Retry-After at once while the worker makes it."""
        case = engine.load(self.table, row_id(pk), actor=self.actor())
        if case.stage != Stage.IN_FORCE:
            raise Conflict(_("The sheet is made once the graduate has confirmed what is registered."), "not_confirmed")
        answer: Response = super().document(pk)
        return answer
