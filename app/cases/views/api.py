"""Kept views over the API."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields

from app.access.actors import STAFF
from app.cases.views import queries, services
from app.cases.views.forms import ViewForm
from app.cases.views.models import SavedView
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal
from app.fab.shapes import MESSAGE, Moment, Shape, many, one
from app.web.numbers import row_id


class SavedViewShape(Shape):
    """A kept view: what stands behind the question mark of the list's address."""

    id = fields.Integer()
    listing = fields.String()
    name = fields.String()
    query = fields.String()
    shared = fields.Boolean()
    made_by = fields.String()
    created_at = Moment()


view_json = SavedViewShape().dump


class SavedViewsApi(RoomApi):
    """Views of lists, one's own and those of colleagues."""

    resource_name = class_permission_name = queries.VIEW
    permission_label = lazy_gettext("Kept views of lists")
    permissions = dict.fromkeys(("can_list", "can_create", "can_delete"), STAFF)
    listing = Listing(ScopedInterface(SavedView), {"listing": (Equal,), "name": (Equal,)}, ("id", "name"), scoped=False)

    @expose("/", methods=["GET"])
    @describe(many(SavedViewShape), listed=True)
    def get_list(self) -> Response:
        """My views, and those that colleagues share."""
        actor = self.require("can_list")
        return self.many(self.listing.page(self.query(), actor, queries.visible_to(actor)), view_json)

    @expose("/", methods=["POST"])
    @describe(one(SavedViewShape), status=201, body=ViewForm, errors=(404,))
    def post(self) -> Response:
        """Keep a view under a name; mine of that name is replaced."""
        kept = services.keep_view(self.body(), actor=self.actor())
        return self.created(kept.id, view_json(kept))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Remove a view of mine, for colleagues too."""
        services.forget_view(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The view is removed.")})
