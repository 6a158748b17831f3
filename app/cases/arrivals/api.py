"""What did not arrive, over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_babel import lazy_gettext
from marshmallow import fields

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL
from app.cases.arrivals import queries
from app.codes.students import AboutStudent
from app.ems import queue
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf, SearchFilter, as_text
from app.fab.shapes import Moment, Shape, Words, many
from app.workflow.models import OutboxMessage

READERS = (PROVINCE, SCHOOL, DEPARTMENT)


class StandingIs(SearchFilter):
    """Whether somebody has to act, or it is on its way."""

    name, arg_name = Equal.name, Equal.arg_name

    def condition(self, value: Any) -> Any:
        """What waits is what no refusal stands in the way of."""
        return queue.is_refused() if as_text(value) == queue.REFUSED else queue.is_on_its_way()


LISTING = Listing(
    ScopedInterface(OutboxMessage),
    {"standing": (StandingIs,), "workflow": (Equal, OneOf), "student": (AboutStudent,), "created_at": None},
    ("id", "created_at"),
    scoped=False,  # a message has no scope of its own: the conditions name the graduate's
    find=(("student", AboutStudent),),
    choices={"standing": lambda: list(queue.OPEN_LABELS)},
)


class ArrivalShape(Shape):
    """A report that the employment system has not taken, why, and what to do."""

    id = fields.Integer()
    standing = Words(*queue.OPEN_LABELS)
    name = fields.String()
    exam_number = fields.String()
    student_number = fields.String()
    school = fields.String()
    department = fields.String()
    workflow = fields.String()
    case_id = fields.Integer()
    content = fields.String()
    why = fields.String()
    to_do = fields.String()
    attempts = fields.Integer()
    created_at = Moment()


def told(messages: Sequence[OutboxMessage]) -> list[dict[str, Any]]:
    """These messages with their students; one statement."""
    students = queries.students_of(messages)
    return [
        {
            **vars(students[one.id]),
            **{name: getattr(one, name) for name in ("id", "workflow", "case_id", "attempts", "created_at")},
            "standing": queue.REFUSED if queue.needs_somebody(one) else queue.WAITING,
            "content": queue.shown_content(one),
            "why": queue.explain(one),
            "to_do": queue.to_do(one),
        }
        for one in messages
        if one.id in students
    ]


class ArrivalsApi(RoomApi):
    """What the employment system has refused or not yet taken, within one's scope."""

    resource_name = class_permission_name = queries.VIEW
    permission_label = lazy_gettext("Not arrived in the employment system")
    permissions = dict.fromkeys(("can_list",), READERS)
    listing = LISTING

    @expose("/", methods=["GET"])
    @describe(many(ArrivalShape), listed=True)
    def get_list(self) -> Response:
        """Reports on my graduates that have not arrived, newest first."""
        actor = self.require("can_list")
        page = LISTING.page(self.query(), actor, *queries.not_arrived(actor))
        return self.listed(page, ArrivalShape(many=True).dump(told(page.rows)))
