"""The API of API keys: for the account itself; no key can make another."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields

from app.access.api_keys.models import ApiKey
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal
from app.fab.shapes import MESSAGE, Moment, Shape, many, one, with_fields
from app.machines.keys import records, services
from app.machines.keys.forms import KeyForm
from app.web.numbers import row_id


class ApiKeyShape(Shape):
    """A key without its text."""

    id = fields.Integer()
    name = fields.String()
    mark = fields.String(metadata={"description": "how the key begins"})
    scopes = fields.List(fields.String())
    addresses = fields.List(fields.String())
    expires_on = fields.Date()
    created_at = Moment()
    used_at = Moment(allow_none=True)
    used_from = fields.String(allow_none=True)
    old_until = Moment(allow_none=True)  # until when the replaced text still works


key_json = ApiKeyShape().dump
_SHOWN = one(with_fields(ApiKeyShape, ("key",), key={"type": ["string", "null"], "description": "told this once"}))


class ApiKeysApi(RoomApi):
    """Keys by which programs act in the place of the account, within their scopes."""

    resource_name = class_permission_name = services.VIEW
    permission_label = lazy_gettext("API keys")
    permissions = dict.fromkeys(("can_list", "can_show", "can_create", "can_edit", "can_delete"), services.KINDS)
    listing = Listing(
        ScopedInterface(ApiKey), {"name": (Contains, Equal)}, ("id", "name", "expires_on", "used_at"), scoped=False
    )

    @expose("/", methods=["GET"])
    @describe(many(ApiKeyShape), listed=True)
    def get_list(self) -> Response:
        """The keys of my account, newest first."""
        actor = self.require("can_list")
        return self.many(self.listing.page(self.query(), actor, ApiKey.user_id == actor.user_id), key_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(ApiKeyShape))
    def get(self, pk: int) -> Response:
        """One key of my account, with its last use."""
        row = services.own_key(row_id(pk), actor=self.actor())
        self.require("can_show")
        return self.one(row.id, key_json(row))

    @expose("/", methods=["POST"])
    @describe(_SHOWN, status=201, body=KeyForm, untold=("key",))
    def post(self) -> Response:
        """Make a key; its text is told this once."""
        row, text = services.make_key(self.body(), offered=records.scopes(), actor=self.actor())
        return self.created(row.id, {**key_json(row), "key": text})

    @expose("/<int:pk>/rotate", methods=["POST"])
    @describe(_SHOWN, status=201, untold=("key",))
    def rotate(self, pk: int) -> Response:
        """Replace the text of a key; the one before it works for 24 hours more."""
        row, text = services.rotate_key(row_id(pk), actor=self.actor())
        return self.created(row.id, {**key_json(row), "key": text})

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """End a key at once."""
        services.delete_key(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The key is deleted. Nobody gets in with it any more.")})
