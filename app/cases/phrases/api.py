"""The API of a school's own phrases."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.access.actors import SCHOOL
from app.cases.phrases import services
from app.cases.phrases.forms import PhraseForm, PhraseTextForm
from app.cases.phrases.models import Phrase
from app.cases.phrases.queries import VIEW, phrase_visible_to
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import MESSAGE, Moment, Shape, many, one
from app.web.numbers import row_id

VERBS = ("can_list", "can_show", "can_create", "can_edit", "can_delete")


class PhraseShape(Shape):
    """Words that a school keeps for a verdict."""

    id = fields.Integer()
    workflow = fields.String()
    event = fields.String()
    field = fields.String(metadata={"description": "path of the field beside which they stand; empty: in the reason"})
    label = fields.String()
    text = fields.String()
    created_by = fields.String()
    created_at = Moment()


phrase_json = PhraseShape().dump


class PhrasesApi(RoomApi):
    """A school's own phrases for programs."""

    resource_name = class_permission_name = VIEW
    permission_label = _l("Own phrases")
    permissions = dict.fromkeys(VERBS, (SCHOOL,))
    listing = Listing(
        ScopedInterface(Phrase), {"workflow": (Equal, OneOf), "event": (Equal, OneOf)}, ("id", "workflow", "event")
    )

    @expose("/", methods=["GET"])
    @describe(many(PhraseShape), listed=True)
    def get_list(self) -> Response:
        """The phrases of my school."""
        actor = self.require("can_list")
        return self.many(self.listing.page(self.query(), actor), phrase_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(PhraseShape))
    def get(self, pk: int) -> Response:
        """One phrase of my school."""
        phrase = phrase_visible_to(self.actor(), row_id(pk))
        self.require("can_show")
        return self.one(phrase.id, phrase_json(phrase))

    @expose("/", methods=["POST"])
    @describe(one(PhraseShape), status=201, body=PhraseForm)
    def post(self) -> Response:
        """Keep words for a verdict; the same words are kept once."""
        phrase = services.add_phrase(self.body(), actor=self.actor())
        return self.created(phrase.id, phrase_json(phrase))

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(PhraseShape), body=PhraseTextForm)
    def put(self, pk: int) -> Response:
        """Put other words in its place."""
        phrase = services.change_phrase(row_id(pk), self.body(), actor=self.actor())
        return self.one(phrase.id, phrase_json(phrase))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Forget a phrase of my school."""
        services.remove_phrase(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The phrase is removed.")})
