"""The API of the corrections, and of the check that brings them."""

from __future__ import annotations

from flask import Response
from marshmallow import fields

from app.cases.api import CaseApi
from app.correction.forms import CheckForm
from app.correction.services import check_roster
from app.fab.api import describe, expose
from app.fab.search import Equal, OneOf
from app.fab.shapes import Moment, Shape, one


class RosterCheckShape(Shape):
    """When everything was gone through, and how many fields were named as wrong."""

    graduate_id = fields.Integer()
    checked_at = Moment()
    wrong = fields.Integer()


class CorrectionApi(CaseApi):
    """W12 生源核对."""

    workflow = "correction"
    search = {**CaseApi.search, "field": (Equal, OneOf)}

    @expose("/check", methods=["POST"])
    @describe(one(RosterCheckShape), body=CheckForm, errors=(409,))
    def check(self) -> Response:
        """A graduate has gone through every field; the right values of those that are wrong become corrections."""
        done = check_roster(self.body(), actor=self.actor())
        return self.one(done.graduate_id, RosterCheckShape().dump(done))
