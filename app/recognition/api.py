"""The API of what a unit says of records that name it: those of one kind, and “ours” or “not ours” of each (B13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import EMPLOYER, Actor
from app.base.errors import Malformed, NotFound
from app.employers.guards import verified_employer
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import Moment, Shape, enum, many, one, worded
from app.recognition.forms import AnswerForm
from app.recognition.models import Recognition
from app.recognition.queries import ANSWERS, NAMING, VIEW, answers_to, naming
from app.recognition.services import answer_record
from app.recognition.words import recorded
from app.web.numbers import row_id
from app.workflow import registry

_ANSWER = {"answer": enum(ANSWERS, description="What my unit has said; without it all records")}
_SEARCH = {**dict.fromkeys(("id", "cohort", "stage"), (Equal, OneOf)), "created_at": None, "updated_at": None}
_LISTINGS: Mapping[str, Listing] = {
    name: Listing(ScopedInterface(model), _SEARCH, ("id", "created_at", "updated_at"), scoped=False)
    for name, (model, _code) in NAMING.items()
}


class UnitAnswerShape(Shape):
    """What my unit has said of a record."""

    ours = fields.Boolean()
    reason = fields.String(allow_none=True)
    answered_by = fields.String()
    answered_at = Moment()


class NamedShape(Shape):
    """A record that names my unit: whose it is, what it is about, how it stands; nothing else of the graduate."""

    workflow = fields.String(attribute="case.workflow_name")
    id = fields.Integer(attribute="case.id")
    name = fields.String(attribute="case.graduate.name")
    school = fields.String(attribute="case.graduate.school.name")
    cohort = fields.Integer(attribute="case.cohort")
    what = worded(lambda row: recorded(row["case"]))
    number = fields.String(attribute="case.number", allow_none=True)
    stage = fields.String(attribute="case.stage")
    label = fields.String()
    state_since = Moment(attribute="case.state_since")
    answer = fields.Nested(UnitAnswerShape, allow_none=True)


named_json = NamedShape().dump


class RecognitionsApi(RoomApi):
    """Records that name the credit code of the own unit and came about without it."""

    resource_name = class_permission_name = VIEW
    permissions = dict.fromkeys(("can_list", "can_answer"), (EMPLOYER,))
    permission_label = _("Records that name the unit")
    permission_labels = {"can_answer": _("say whether a record is the unit's own")}
    words = {"workflow": tuple(NAMING)}
    listing = next(iter(_LISTINGS.values()))

    @expose("/<string:workflow>/", methods=["GET"])
    @describe(many(NamedShape), query=_ANSWER, listed=True, errors=(404, 409))
    def get_list(self, workflow: str) -> Response:
        """The records of a kind that name my verified unit, newest first."""
        actor = self.require("can_list")
        listing, answer = _LISTINGS.get(workflow), request.args.get("answer", "")
        if listing is None:
            raise NotFound()
        if answer and answer not in ANSWERS:
            raise Malformed(_("Please choose from the list."))
        verified_employer(actor)
        page = listing.page(self.query(), actor, naming(actor, workflow, answer))
        answers = answers_to(actor, page.rows)
        return self.listed(page, [_told(case, answers.get(case.id), actor) for case in page.rows])

    @expose("/<string:workflow>/<int:pk>", methods=["PUT"])
    @describe(one(NamedShape), body=AnswerForm, errors=(404, 409))
    def put(self, workflow: str, pk: int) -> Response:
        """Say that a record is my unit's own, or that it is not and why; the last word counts, the record stays."""
        actor, sent = self.actor(), self.body()
        said = answer_record(workflow, row_id(pk), sent, actor=actor)
        model, _code = NAMING[workflow]
        (case,) = ScopedInterface(model).rows([said.case_id])
        return self.one(case.id, _told(case, said, actor))


def _told(case: Any, answer: Recognition | None, actor: Actor) -> Any:
    label = str(registry.get(case.workflow_name).label_of(case, actor))
    return named_json({"case": case, "label": label, "answer": answer})
