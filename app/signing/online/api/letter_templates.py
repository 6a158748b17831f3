"""Templates of the invitation letter over the API (R6.5)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _
from marshmallow import fields

from app.access.actors import EMPLOYER
from app.employers.guards import verified_employer
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listed, Listing
from app.fab.search import Equal
from app.fab.shapes import MESSAGE, Moment, Shape, Words, many, one
from app.signing.online.models import LetterTemplate
from app.signing.online.services.letter_templates import (
    FORMS,
    VIEW,
    change_template,
    checked_kind,
    create_template,
    delete_template,
    history_of,
    template_for,
)
from app.web.numbers import row_id


class TemplateShape(Shape):
    """What a template has beside the fields of its part of the letter."""

    id = fields.Integer()
    kind = Words(*FORMS)
    name = fields.String()
    updated_by = fields.String()
    updated_at = Moment()


class TemplateChangeShape(Shape):
    """One change, before and after."""

    id = fields.Integer()
    event = Words("created", "changed", "deleted")
    before = fields.Dict(allow_none=True)
    after = fields.Dict(allow_none=True)
    actor = fields.String()
    at = Moment()


_ANY_FORM = {"anyOf": list(FORMS.values())}  # each part of the letter has fields of its own
_about = TemplateShape().dump
change_json = TemplateChangeShape().dump
_ANY = {"allOf": [TemplateShape, {"anyOf": [form(partial=True) for form in FORMS.values()]}]}


class TemplatesApi(RoomApi):
    """Templates of invitation letters: position, archive, hukou."""

    resource_name = class_permission_name = VIEW
    permissions = dict.fromkeys(("can_list", "can_create", "can_edit", "can_delete"), (EMPLOYER,))
    words = {"kind": tuple(FORMS)}
    listing = Listing(ScopedInterface(LetterTemplate), {"name": (Equal,)}, ("id", "name", "updated_at"))

    @expose("/<string:kind>/", methods=["GET"])
    @describe(many(_ANY), listed=True, errors=(409,))
    def get_list(self, kind: str) -> Response:
        """The unit's templates of one kind."""
        checked_kind(kind)
        actor = self.require("can_list")
        verified_employer(actor)
        page = self.listing.page(self.query(), actor, LetterTemplate.kind == kind)
        return self.many(page, template_json)

    @expose("/<string:kind>/", methods=["POST"])
    @describe(one(_ANY), status=201, body=_ANY_FORM)
    def post(self, kind: str) -> Response:
        """Keep a template; the name is the unit's own for each kind."""
        template = create_template(kind, self.body(), actor=self.actor())
        return self.created(template.id, template_json(template))

    @expose("/<string:kind>/<int:pk>", methods=["GET"])
    @describe(one(_ANY))
    def get(self, kind: str, pk: int) -> Response:
        """One template."""
        template = template_for(kind, row_id(pk), actor=self.actor())
        self.require("can_list")
        return self.one(pk, template_json(template))

    @expose("/<string:kind>/<int:pk>", methods=["PUT"])
    @describe(one(_ANY), body=_ANY_FORM)
    def put(self, kind: str, pk: int) -> Response:
        """Replace name and content."""
        return self.one(pk, template_json(change_template(kind, row_id(pk), self.body(), actor=self.actor())))

    @expose("/<string:kind>/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, kind: str, pk: int) -> Response:
        """Take a template away; its history stays."""
        delete_template(kind, row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The template has been deleted.")})

    @expose("/<string:kind>/<int:pk>/history", methods=["GET"])
    @describe(many(TemplateChangeShape))
    def history(self, kind: str, pk: int) -> Response:
        """Who changed what and when, newest first."""
        rows = history_of(kind, row_id(pk), actor=self.actor())
        return self.many(Listed(len(rows), list(rows)), change_json)


def template_json(template: LetterTemplate) -> dict[str, Any]:
    """One template: its name beside the fields of that part of the letter."""
    return {**template.data, **_about(template)}
