"""The figures in the API: statistics/{archive,hukou}."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_babel import lazy_gettext as _

from app.access.actors import STAFF, module_refusal
from app.base.cohorts import current_cohort, shown_cohorts
from app.base.errors import Forbidden, Malformed, NotFound
from app.fab.api import RoomApi, expose, json_answer
from app.statistics.counting import Figures
from app.statistics.groups import GROUPINGS, first_grouping
from app.statistics.queries import MEASURES, place_visible_to, progress_table

VIEW = "statistics"


class StatisticsApi(RoomApi):
    """Live figures of a cohort."""

    resource_name = class_permission_name = VIEW
    permissions = {"can_read": STAFF}
    permission_label = _("Figures of the registrations")

    @expose("/<string:module>", methods=["GET"])
    def figures(self, module: str) -> Response:
        """The figures of a module.
        ---
        get:
          summary: How many graduates have registered, by group; total = registered + unregistered + in_review
          parameters:
            - {in: path, name: module, required: true, schema: {type: string, enum: [archive, hukou]}}
            - {in: query, name: cohort, schema: {type: integer}}
            - in: query
              name: by
              schema:
                type: string
                enum: [school, department, level, major, sex, education, training_mode, ethnicity]
            - {in: query, name: school, schema: {type: string}, description: Code of one school}
          responses:
            200:
              description: The lines and the totals
              content: {application/json: {schema: {type: object}}}
        """
        actor = self.actor()
        if module not in MEASURES:
            raise NotFound(_("There are no such statistics."))
        if not actor.may("can_read", VIEW):
            raise Forbidden()
        if not actor.reads(module):
            raise module_refusal(actor, module)
        cohort, grouping = _cohort(), request.args.get("by") or first_grouping(actor)
        if grouping not in GROUPINGS:
            raise Malformed(_("The figures can be grouped by: %(names)s.", names=", ".join(GROUPINGS)))
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


def line_json(line: Figures) -> dict[str, Any]:
    """One line as plain JSON."""
    return {
        "code": line.code,
        "label": line.label,
        "total": line.total,
        "registered": line.registered,
        "unregistered": line.unregistered,
        "in_review": line.in_review,
        "states": line.states,
    }


def _cohort() -> int:
    text = request.args.get("cohort")
    if text is None:
        return current_cohort()
    if text not in {str(cohort) for cohort in shown_cohorts()}:
        raise Malformed(_("There is no such cohort to show."))
    return int(text)


def register(app: Flask) -> None:
    app.appbuilder.add_api(StatisticsApi)  # type: ignore[attr-defined]
