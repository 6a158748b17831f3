"""The API of provinces' texts of the agreement."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.access.actors import PROVINCE
from app.documents.models import AgreementText
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal
from app.fab.shapes import MESSAGE, Moment, Shape, Words, many, one
from app.schools.models import THREE_PARTY, TWO_PARTY
from app.schools.texts import services
from app.schools.texts.forms import AgreementTextForm
from app.schools.texts.queries import VIEW, text_visible_to
from app.web.numbers import row_id

VERBS = ("can_list", "can_show", "can_create", "can_edit", "can_delete", "can_sign_off")


class AgreementTextShape(Shape):
    """A version of the text; it holds from its day on once a second person has signed it off."""

    id = fields.Integer()
    version = fields.String()
    agreement_type = Words(TWO_PARTY, THREE_PARTY)
    text = fields.String()
    valid_from = fields.Date()
    written_by = fields.String()
    written_at = Moment()
    signed_off_by = fields.String(allow_none=True)
    signed_off_at = Moment(allow_none=True)


text_json = AgreementTextShape().dump


class AgreementTextsApi(RoomApi):
    """A province's own texts for programs."""

    resource_name = class_permission_name = VIEW
    permission_label = _l("Text of the agreement")
    permissions = dict.fromkeys(VERBS, (PROVINCE,))
    module = "employment"
    listing = Listing(ScopedInterface(AgreementText), {"version": (Equal,)}, ("id", "valid_from"))

    @expose("/", methods=["GET"])
    @describe(many(AgreementTextShape), listed=True)
    def get_list(self) -> Response:
        """The versions of my province."""
        actor = self.require("can_list")
        return self.many(self.listing.page(self.query(), actor), text_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(AgreementTextShape))
    def get(self, pk: int) -> Response:
        """One version of my province."""
        text = text_visible_to(self.actor(), row_id(pk))
        self.require("can_show")
        return self.one(text.id, text_json(text))

    @expose("/", methods=["POST"])
    @describe(one(AgreementTextShape), status=201, body=AgreementTextForm)
    def post(self) -> Response:
        """Begin a version."""
        text = services.begin_text(self.body(), actor=self.actor())
        return self.created(text.id, text_json(text))

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(AgreementTextShape), body=AgreementTextForm)
    def put(self, pk: int) -> Response:
        """Put other words or another day in the place of a version that is not signed off."""
        text = services.change_text(row_id(pk), self.body(), actor=self.actor())
        return self.one(text.id, text_json(text))

    @expose("/<int:pk>/sign_off", methods=["POST"])
    @describe(one(AgreementTextShape), errors=(404, 409))
    def sign_off(self, pk: int) -> Response:
        """Put a version in force from its day on; by somebody who has written nothing of it."""
        text = services.sign_off(row_id(pk), actor=self.actor())
        return self.one(text.id, text_json(text))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Discard a version that is not signed off."""
        services.discard_text(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The version is discarded.")})
