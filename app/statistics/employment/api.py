"""statistics/employment in the API: figures with rates and signings, the people behind a number, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _
from marshmallow import fields
from sqlalchemy import func, select

from app.access import looks
from app.access.actors import STAFF, Actor
from app.base.errors import Malformed
from app.base.masks import mask_id_number
from app.base.replicas import shown
from app.codes import queries as codes
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import BOOLEAN, INTEGER, STRING, Shape, Words, enum, group, many
from app.roster.models import Graduate
from app.statistics.api import FiguresShape
from app.statistics.api import line_json as figures_json
from app.statistics.employment.forms import MOST_GROUPINGS, asked_figure, asked_formula, asked_of, refuse_unknown
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.people import people_behind
from app.statistics.employment.queries.table import Line, employment_table
from app.statistics.employment.queries.trend import trend
from app.statistics.employment.words import FORMULAS, SIGNING, Metric, metrics, rate
from app.statistics.groups import GROUPINGS
from app.statistics.guards import VIEW, refuse_reading
from app.web.numbers import is_whole
from app.web.payload import DEFAULT_PAGE_SIZE, largest_page

MODULE = "employment"


class EmploymentLineShape(FiguresShape):
    """One line: graduates, rates in percent, records by their latest state; `open`, `opened` for lines of schools."""

    base = fields.Integer(metadata={"description": "Graduates in the rates"})
    groups = fields.List(fields.Dict(values=fields.String()))
    rates = fields.Dict(values=fields.String(allow_none=True))
    signing = fields.Dict(values=fields.Integer())
    open = fields.Boolean()
    opened = fields.Dict(values=fields.Boolean(), metadata={"description": "Which modules the school has opened"})


class HeldShape(Shape):
    """What binds a graduate now; `code` is null while it is reviewed."""

    workflow = Words("online_signing", "offline_signing", "supplementary", "destination")
    case_id = fields.Integer()
    code = fields.String(allow_none=True)
    label = fields.String()


class PersonShape(Shape):
    """One row behind a figure."""

    id = fields.Integer()
    name = fields.String()
    id_number = fields.String()
    exam_number = fields.String()
    student_number = fields.String()
    school = fields.String()
    department = fields.String()
    level = fields.String()
    major = fields.String()
    education = fields.String()
    record = fields.Nested(HeldShape, allow_none=True)


class SameDayShape(Shape):
    """The end of a day."""

    day = fields.Date()
    registered = fields.Integer()
    rate = fields.String(allow_none=True)


class DayShape(SameDayShape):
    """The same with last cohort's same day; null before the first of them had registered."""

    last = fields.Nested(SameDayShape, allow_none=True)


_ASKED = {
    "cohort": INTEGER,
    "by": {**STRING, "description": f"one to {MOST_GROUPINGS} of {', '.join(GROUPINGS)}, joined by commas"},
    "school": {**STRING, "description": "code of one school"},
    "department": {**STRING, "description": "id of one department"},
    "include": enum(("completion",), description="count those without qualification in the rates"),
    "formula": enum(FORMULAS),
}
_LINE = {
    "key": {**STRING, "description": "the value of a grouping, once for each; those without one stand in `without`"},
    "without": {**STRING, "description": "groupings of which the graduates have no value"},
}
_TOLD = {
    "module": enum((MODULE,)),
    "cohort": INTEGER,
    "by": STRING,
    "formula": enum(FORMULAS),
    "completion": BOOLEAN,
    "total": EmploymentLineShape(partial=("open", "opened")),
    "definitions": group(),
}


class EmploymentStatisticsApi(RoomApi):
    """Live figures of employment of a cohort."""

    resource_name = class_permission_name = VIEW
    permissions = {"can_read": STAFF}
    permission_label = _("Figures of the registrations")

    @expose("/employment", methods=["GET"])
    @describe(
        many(EmploymentLineShape(partial=("open", "opened")), ids=STRING, **_TOLD), query=_ASKED, errors=(400, 404)
    )
    def employment(self) -> Response:
        """Graduates, rates and signings by group; total = registered + unregistered + in_review."""
        actor, asked, formula = self._asked()
        table = employment_table(asked, actor=actor)
        known = metrics()
        result = [line_json(line, known, table.opened.get(line.key)) for line in table.lines]
        told = {
            "module": MODULE,
            "cohort": asked.cohort,
            "by": ",".join(asked.by),
            "formula": formula,
            "completion": asked.completion,
            "total": line_json(table.total, known),
            "definitions": {code: f"{one.label} = {one.definition}" for code, one in known.items()},
        }
        ids = [one["code"] for one in result]
        return json_answer(200, {"count": len(result), "ids": ids, "result": result, **told})

    @expose("/employment/people", methods=["GET"])
    @describe(
        many(PersonShape, figure=STRING),
        query={**_ASKED, **_LINE, "figure": STRING, "page": INTEGER, "page_size": INTEGER},
        errors=(400, 404),
    )
    def people(self) -> Response:
        """The graduates behind a figure, as many as it says; of signings one row a record."""
        actor, asked, _formula = self._asked()
        figure = asked_figure(request.args)
        query = people_behind(figure, asked, actor=actor)
        count = shown.scalar(select(func.count()).select_from(query.order_by(None).options().subquery())) or 0
        page, size = _number("page", 0, 1_000_000), _number("page_size", DEFAULT_PAGE_SIZE, largest_page())
        looks.note_list(looks.READ_LIST, Graduate)
        rows = shown.execute(query.limit(size).offset(page * size)).all()
        result = [person_json(*row) for row in rows]
        ids = [one["id"] for one in result]
        return json_answer(200, {"count": count, "ids": ids, "result": result, "figure": figure})

    @expose("/employment/trend", methods=["GET"])
    @describe(many(DayShape, ids=STRING), query=_ASKED, errors=(400, 404))
    def trend(self) -> Response:
        """Registered graduates and the rate of the formula at the end of each day, last cohort's same day beside it."""
        actor, asked, formula = self._asked()
        days = DayShape(many=True).dump(trend(asked, metrics()[FORMULAS[formula]], actor=actor))
        return json_answer(200, {"count": len(days), "ids": [one["day"] for one in days], "result": days})

    def _asked(self) -> tuple[Actor, Asked, str]:
        actor = self.actor()
        refuse_reading(MODULE, actor)
        refuse_unknown(request.args)
        asked = asked_of(request.args, actor=actor)
        return actor, asked, asked_formula(request.args, asked.cohort)


def line_json(line: Line, known: Mapping[str, Metric], opened: Any = None) -> dict[str, Any]:
    """One line as the API tells it; `known` are the rates, asked for once an answer."""
    told: dict[str, Any] = {
        "groups": [{"code": code, "label": str(label)} for code, label in line.groups],
        "rates": {code: rate(metric.of(line.codes), line.base) for code, metric in known.items()},
        "signing": {"total": line.signing_total, **{name: line.signing[name] for name in SIGNING}},
    }
    if opened:
        told |= {"open": opened[MODULE], "opened": dict(opened)}
    return {**figures_json(line), "base": line.base, **told}


def person_json(graduate: Any, workflow: str | None, case_id: int | None, code: str | None) -> dict[str, Any]:
    """One row behind a figure as the API tells it."""
    named = ("id", "name", "exam_number", "student_number", "level", "major", "education")
    record = {"workflow": workflow, "case_id": case_id, "code": code, "label": codes.label("destination", code)}
    return {
        **{name: getattr(graduate, name) for name in named},
        "id_number": mask_id_number(graduate.id_number),
        "school": graduate.school.name,
        "department": graduate.department.name,
        "record": record if workflow else None,
    }


def _number(name: str, fallback: int, most: int) -> int:
    text = request.args.get(name, str(fallback))
    if not is_whole(text, most=most) or (name != "page" and text == "0"):
        raise Malformed(_("Please give a whole number up to %(most)s for %(name)s.", most=most, name=name))
    return int(text)
