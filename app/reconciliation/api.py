"""reconciliation in the API, for operators: what differs, mend it, compare now."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from marshmallow import fields
from sqlalchemy.orm import joinedload

from app.access.actors import OPERATOR
from app.base.database import session
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.shapes import MESSAGE, Shape, Words, many, one
from app.reconciliation.models import Difference
from app.reconciliation.services.mending import VIEW, ask_for_round, mend
from app.reconciliation.words import KINDS, PROBLEMS, difference_json
from app.web.numbers import row_id

EAGER = (joinedload(Difference.school),)
LISTING = Listing(
    ScopedInterface(Difference, lambda: EAGER),
    search={"kind": None, "problem": None, "cohort": None, "exam_number": None, "found_at": None},
    order=("id", "found_at"),
)


class DeviationShape(Shape):
    """What is not the same on both sides, in plain words."""

    id = fields.Integer()
    school = fields.String()
    cohort = fields.Integer()
    exam_number = fields.String()
    graduate_id = fields.Integer(allow_none=True)
    kind = Words(*KINDS)
    problem = Words(*PROBLEMS)
    text = fields.String()
    different = fields.List(fields.String())
    found_at = fields.DateTime()
    mended_at = fields.DateTime(allow_none=True)


class ReconciliationApi(RoomApi):
    """Platform and employment system compared."""

    resource_name = class_permission_name = VIEW
    permissions = {"can_list": (OPERATOR,), "can_mend": (OPERATOR,), "can_begin": (OPERATOR,)}
    listing = LISTING

    @expose("/", methods=["GET"])
    @describe(many(DeviationShape), listed=True)
    def list(self) -> Response:
        """What differed at the last comparison, newest first unless `q` says otherwise."""
        return self.many(LISTING.page(self.query(), self.require("can_list")), difference_json)

    @expose("/<int:pk>/mend", methods=["POST"])
    @describe(one(DeviationShape))
    def mend(self, pk: int) -> Response:
        """Send what makes both sides the same."""
        number = row_id(pk)
        mend([number], actor=self.require("can_mend"))
        row = session.get_one(Difference, number, options=EAGER, populate_existing=True)
        return self.one(row.id, difference_json(row))

    @expose("/begin", methods=["POST"])
    @describe(MESSAGE, status=202)
    def begin(self) -> Response:
        """Compare now instead of tonight."""
        ask_for_round(actor=self.require("can_begin"))
        return json_answer(202, {"message": _("The comparison begins within five minutes.")})
