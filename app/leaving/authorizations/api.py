"""核验授权 over the API, for graduates alone."""

from __future__ import annotations

from flask import Response
from flask_babel import lazy_gettext
from marshmallow import fields

from app.access.actors import GRADUATE
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.shapes import Moment, Shape, many, one
from app.leaving.authorizations.forms import AuthorizationForm
from app.leaving.authorizations.models import Authorization
from app.leaving.authorizations.queries import authorization_for
from app.leaving.authorizations.services import AUTHORIZATIONS, authorize, revoke
from app.web.numbers import row_id


class UseShape(Shape):
    """One check."""

    at = Moment()
    source = fields.String(allow_none=True, metadata={"description": "the address from which it was checked"})


class AuthorizationShape(Shape):
    """An authorization and each check by it."""

    id = fields.Integer()
    number = fields.String()
    to = fields.String(attribute="recipient")
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    until = fields.Date()
    created_at = Moment()
    revoked_at = Moment(allow_none=True)
    uses = fields.List(fields.Nested(UseShape))


authorization_json = AuthorizationShape().dump


class AuthorizationsApi(RoomApi):
    """Who may check what of me, until when."""

    resource_name = class_permission_name = AUTHORIZATIONS
    permission_label = lazy_gettext("Authorizations to check")
    permissions = dict.fromkeys(("can_list", "can_show", "can_create", "can_delete"), (GRADUATE,))
    listing = Listing(ScopedInterface(Authorization), {"number": None, "until": None}, ("id", "created_at", "until"))

    @expose("/", methods=["GET"])
    @describe(many(AuthorizationShape), listed=True)
    def get_list(self) -> Response:
        """My authorizations."""
        return self.many(self.listing.page(self.query(), self.require("can_list")), authorization_json)

    @expose("/", methods=["POST"])
    @describe(one(AuthorizationShape), status=201, body=AuthorizationForm, errors=(409,))
    def post(self) -> Response:
        """Let somebody check chosen parts of what I have confirmed."""
        found = authorize(self.body(), actor=self.actor())
        return self.created(found.id, authorization_json(found))

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(AuthorizationShape))
    def get(self, pk: int) -> Response:
        """One of mine with each use of it."""
        found = authorization_for(row_id(pk), actor=self.actor())
        self.require("can_show")
        return self.one(found.id, authorization_json(found))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(one(AuthorizationShape))
    def delete(self, pk: int) -> Response:
        """Revoke it at once."""
        found = revoke(row_id(pk), actor=self.actor())
        return self.one(found.id, authorization_json(found))
