"""The API of flagged units (R8.11): for the accounts of the school itself, never for units."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from marshmallow import fields

from app.access.actors import SCHOOL
from app.codes.forms import Code
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal, EqualPlace, OneOf
from app.fab.shapes import MESSAGE, Moment, Shape, many, one
from app.flags import queries, services
from app.flags.forms import WarningForm
from app.flags.models import UnitWarning
from app.web.numbers import row_id

VERBS = ("can_list", "can_show", "can_create", "can_edit", "can_delete")


class WarningShape(Shape):
    """A unit that a school has marked."""

    id = fields.Integer()
    uscc = fields.String()
    name = fields.String()
    kinds = fields.List(Code("warning_reason"))
    reason = fields.String()
    evidence = fields.String(allow_none=True)
    until = fields.Date(allow_none=True)
    created_by = fields.String()
    created_at = Moment()
    updated_at = Moment()


warning_json = WarningShape().dump


class WarningsApi(RoomApi):
    """Flagged units."""

    resource_name = class_permission_name = queries.VIEW
    module = queries.MODULE
    permissions = dict.fromkeys(VERBS, (SCHOOL,))
    listing = Listing(
        ScopedInterface(UnitWarning), {"uscc": (Equal, OneOf), "name": (Contains, EqualPlace)}, ("id", "name", "uscc")
    )

    @expose("/", methods=["GET"])
    @describe(many(WarningShape), listed=True)
    def get_list(self) -> Response:
        """The units that my school has marked, newest first."""
        actor = self.require("can_list")
        page = self.listing.page(self.query(), actor)
        return self.many(page, warning_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(WarningShape))
    def get(self, pk: int) -> Response:
        """One unit that my school has marked."""
        marked = queries.warning_visible_to(self.actor(), row_id(pk))
        self.require("can_show")
        return self.one(marked.id, warning_json(marked))

    @expose("/", methods=["POST"])
    @describe(one(WarningShape), status=201, body=WarningForm)
    def post(self) -> Response:
        """Mark a unit, registered here or not, by its credit code."""
        marked = services.add_warning(self.body(), actor=self.actor())
        return self.created(marked.id, warning_json(marked))

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(WarningShape), body=WarningForm(partial=True))
    def put(self, pk: int) -> Response:
        """Change a mark of my school; what is absent stays."""
        marked = services.change_warning(row_id(pk), self.body(), actor=self.actor())
        return self.one(marked.id, warning_json(marked))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Take a mark of my school back."""
        services.remove_warning(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The unit is no longer marked by your school.")})
