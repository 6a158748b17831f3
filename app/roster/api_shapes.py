"""What the roster's API answers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from app.access.actors import KINDS, MODULES, NO_ACCESS, READ_ONLY, READ_WRITE
from app.codes.fields import Field, Kind
from app.codes.forms import Code, Region
from app.codes.graduate_fields import FIELDS
from app.fab.shapes import Moment, Shape, Words


class PlaceShape(Shape):
    """A province, school or department."""

    id = fields.Integer()
    code = fields.String(allow_none=True)
    name = fields.String()


class ScopeShape(Shape):
    """How far an account sees; what does not narrow it is absent."""

    province = fields.Nested(PlaceShape)
    school = fields.Nested(PlaceShape)
    department = fields.Nested(PlaceShape)


class MeShape(Shape):
    """The account behind the token."""

    username = fields.String()
    name = fields.String()
    role = Words(*KINDS)
    level = fields.String(allow_none=True)
    scope = fields.Nested(ScopeShape(partial=True))
    modules = fields.Dict(values=Words(READ_WRITE, READ_ONLY, NO_ACCESS), metadata={"description": ", ".join(MODULES)})
    graduate_id = fields.Integer(allow_none=True)
    employer_id = fields.Integer(allow_none=True)
    must_change_password = fields.Boolean(metadata={"description": "Nothing else works before PUT /me/password"})


def _shown(field: Field) -> fields.Field[Any]:
    told: dict[str, Any] = {"allow_none": field.may_be_null}
    if field.masked:
        told["metadata"] = {"description": "masked"}
    if field.kind is Kind.CODE:
        return Code(str(field.table), **told)
    return {Kind.YEAR: fields.Integer, Kind.DAY: fields.Date, Kind.REGION: Region}.get(field.kind, fields.String)(
        **told
    )


GraduateShape = Shape.from_dict(
    {
        "id": fields.Integer(),
        **{field.name: _shown(field) for field in FIELDS},
        "school_code": fields.String(),
        "level": fields.String(),
        "confirmed_at": Moment(allow_none=True),
        "invalid_since": Moment(allow_none=True),
    },
    name="GraduateShape",
)


class EmploymentSystemCopyShape(Shape):
    """What the employment management system holds; null while it does not answer."""

    student = fields.Dict(allow_none=True)
    destination = fields.Dict(allow_none=True)


GraduateBesideEmsShape = GraduateShape.from_dict(
    {
        "ems": fields.Nested(EmploymentSystemCopyShape, allow_none=True),
        "differences": fields.List(fields.Dict()),
        "ems_available": fields.Boolean(),
    },
    name="GraduateBesideEmsShape",
)
