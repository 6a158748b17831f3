"""The figures in the API: statistics/{archive,hukou}."""

from __future__ import annotations

from flask import Response, request
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import STAFF
from app.base.errors import Malformed, NotFound
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import INTEGER, STRING, Shape, enum, many
from app.statistics.employment.forms import asked_cohort
from app.statistics.groups import first_grouping, roster_groupings
from app.statistics.guards import VIEW, refuse_reading
from app.statistics.queries import MEASURES, place_visible_to, progress_table


class FiguresShape(Shape):
    """One line."""

    code = fields.String()
    label = fields.String()
    total = fields.Integer()
    registered = fields.Integer()
    unregistered = fields.Integer()
    in_review = fields.Integer()
    states = fields.Dict(values=fields.Integer())


class LineShape(FiguresShape):
    """A line of one school may say whether the school has opened the module."""

    open = fields.Boolean()


line_json = FiguresShape().dump
_TOLD = {"module": enum(MEASURES), "cohort": INTEGER, "by": enum(roster_groupings()), "total": FiguresShape}
_ASKED = {
    "cohort": INTEGER,
    "by": enum(roster_groupings()),
    "school": {**STRING, "description": "code of one school"},
    "department": {**STRING, "description": "id of one department"},
}


class StatisticsApi(RoomApi):
    """Live figures of a cohort."""

    resource_name = class_permission_name = VIEW
    permissions = {"can_read": STAFF}
    words = {"module": tuple(MEASURES)}
    permission_label = _("Figures of the registrations")

    @expose("/<string:module>", methods=["GET"])
    @describe(many(LineShape(partial=("open",)), ids=STRING, **_TOLD), query=_ASKED)
    def figures(self, module: str) -> Response:
        """How many graduates have registered, by group; total = registered + unregistered + in_review."""
        actor = self.actor()
        if module not in MEASURES:
            raise NotFound(_("There are no such statistics."))
        refuse_reading(module, actor)
        cohort, grouping = asked_cohort(request.args), request.args.get("by") or first_grouping(actor)
        if grouping not in roster_groupings():
            raise Malformed(_("The figures can be grouped by: %(names)s.", names=", ".join(roster_groupings())))
        place = place_visible_to(actor, request.args.get("school", ""), request.args.get("department", ""))
        table = progress_table(module, cohort, grouping, place, actor=actor)
        result = [
            {**line_json(line), **({"open": table.opened[line.key]} if line.key in table.opened else {})}
            for line in table.lines
        ]
        told = {"module": module, "cohort": cohort, "by": grouping, "total": line_json(table.total)}
        return json_answer(
            200, {"count": len(result), "ids": [one["code"] for one in result], "result": result, **told}
        )
