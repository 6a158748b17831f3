"""reports/employment_plan in the API."""

from __future__ import annotations

from flask import Response, request
from flask_babel import lazy_gettext
from marshmallow import fields

from app.access.actors import STAFF
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import INTEGER, JOB, OBJECT, Shape, enum, many
from app.statistics.employment.forms import asked_cohort
from app.statistics.plan.services import FORMATS, VIEW, plan_of, refuse_plan
from app.statistics.plan.sheets import plan_answer


class LackingShape(Shape):
    """A graduate whose line lacks something, by the headings of the columns."""

    id = fields.Integer()
    exam_number = fields.String()
    name = fields.String()
    lacking = fields.List(fields.String())


class ReportsApi(RoomApi):
    """Files that a worker makes of many graduates."""

    resource_name = class_permission_name = VIEW
    permission_label = lazy_gettext("Files for the ministry and reports")
    permissions = {"can_export": STAFF}

    @expose("/employment_plan", methods=["GET"])
    @describe(
        JOB, status=202, query={"cohort": INTEGER, "format": enum(FORMATS, default=FORMATS[0])}, errors=(400, 409)
    )
    def employment_plan(self) -> Response:
        """Order 就业方案 of the caller's graduates; the job's sheet is the file."""
        actor, kind = self.actor(), request.args.get("format", FORMATS[0])
        return plan_answer(asked_cohort(request.args), kind, actor=actor)

    @expose("/employment_plan/check", methods=["GET"])
    @describe(many(LackingShape, rows=INTEGER, columns=OBJECT), query={"cohort": INTEGER}, errors=(400,))
    def check(self) -> Response:
        """Which graduates' lines lack what, before the file is made."""
        actor = self.actor()
        refuse_plan(FORMATS[0], actor=actor)
        plan = plan_of(asked_cohort(request.args), actor=actor)
        names = ("id", "exam_number", "name", "lacking")
        result = [dict(zip(names, one, strict=True)) for one in plan.missing]
        told = {"rows": len(plan.lines), "columns": dict(plan.columns)}
        return json_answer(200, {"count": len(result), "ids": [one["id"] for one in result], "result": result, **told})
