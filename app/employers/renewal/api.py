"""The API of the yearly renewals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from app.access.actors import Actor
from app.base.errors import Forbidden
from app.cases.api import Answer, CaseApi
from app.employers.renewal.proof import send_code
from app.employers.renewal.sheets import renewal_columns
from app.fab.api import describe, expose, json_answer
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf
from app.fab.shapes import group
from app.passcodes.api import CodeShape, code_json
from app.web.numbers import row_id
from app.web.sheets import Column
from app.workflow import engine


class UnitRenewalApi(CaseApi):
    """年度复核: the program begins one when a verification is about to end, an owner confirms, an operator judges."""

    workflow = "unit_renewal"
    search: Mapping[str, Kinds | None] = {
        **dict.fromkeys(("id", "state", "stage", "waits_for", "employer_id"), (Equal, OneOf)),
        "created_at": None,
        "updated_at": None,
    }
    order: Sequence[str] = ("id", "created_at", "updated_at", "state")

    @expose("/<int:pk>/code", methods=["POST"])
    @describe(group(("result",), result=CodeShape), status=202, errors=(404, 409, 429))
    def code(self, pk: int) -> Response:
        """Send the owner the `code` that `confirm` and `renew` ask for: to the own address, for the record as it stands."""
        case = engine.load(self.table, row_id(pk), actor=self.actor())
        return json_answer(202, {"result": code_json(send_code(case, actor=self.actor()))})

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Nobody begins one: the clock does, thirty days before a verification ends. Raises Forbidden."""
        raise Forbidden()

    def columns(self) -> Sequence[Column]:
        """No graduate is in these records."""
        return renewal_columns()
