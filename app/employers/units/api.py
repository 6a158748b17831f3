"""The API of the units: 单位信息."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from app.access.actors import EMPLOYER, OPERATOR
from app.employers.forms import UnitEditForm
from app.employers.models import Employer
from app.employers.units.services import OPERATOR_ONLY, SELF_SERVICE, changes_of, unit_for, update_unit
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, ContainsUnit, Equal, EqualPlace, OneOf
from app.fab.shapes import Moment, Shape, many, one
from app.web.numbers import row_id

_FIELDS = (*OPERATOR_ONLY, *SELF_SERVICE)


UnitShape = Shape.from_dict(
    {
        "id": fields.Integer(),
        **{name: fields.String(allow_none=True) for name in _FIELDS},
        **{name: Moment(allow_none=True) for name in ("verified_at", "verified_until", "lapsed_at", "updated_at")},
    },
    name="UnitShape",
)


class UnitChangeShape(Shape):
    """One change with the values before and after."""

    at = Moment()
    actor = fields.String()
    role = fields.String()
    changes = fields.Dict(values=fields.List(fields.String(allow_none=True)))


HISTORY: dict[str, fields.Field[Any]] = {"history": fields.List(fields.Nested(UnitChangeShape))}
unit_json = UnitShape().dump
change_json = UnitChangeShape(many=True).dump


class EmployersApi(RoomApi):
    """Units: operators see every one, users of a unit their own (R5.7)."""

    resource_name = class_permission_name = "employers"
    permissions = {
        "can_list": (OPERATOR, EMPLOYER),
        "can_show": (OPERATOR, EMPLOYER),
        "can_edit": (OPERATOR, EMPLOYER),
    }
    listing = Listing(
        ScopedInterface(Employer),
        {"name": (Contains, EqualPlace), "uscc": (Equal, OneOf), "nature": (Equal, OneOf), "industry": (Equal, OneOf)},
        ("id", "name"),
        find=(("name", ContainsUnit),),
    )

    @expose("/", methods=["GET"])
    @describe(many(UnitShape), listed=True)
    def get_list(self) -> Response:
        """Units, newest first; users of a unit see their own."""
        actor = self.require("can_list")
        page = self.listing.page(self.query(), actor)
        return self.many(page, unit_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(UnitShape.from_dict(HISTORY, name="UnitWithHistoryShape")))
    def get(self, pk: int) -> Response:
        """One unit with the history of its changes."""
        unit = unit_for(row_id(pk), actor=self.actor())
        return self.one(pk, {**unit_json(unit), "history": change_json(changes_of(unit))})

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(UnitShape), body=UnitEditForm(partial=True))
    def put(self, pk: int) -> Response:
        """Change a unit; what is not given stays. Name, short_name, uscc and job_industry are for operators."""
        return self.one(pk, unit_json(update_unit(row_id(pk), self.body(), actor=self.actor())))
