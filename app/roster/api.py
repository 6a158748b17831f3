"""The API of the roster: who I am, and the graduates a staff account may see."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import GRADUATE, KINDS, MODULES, NO_ACCESS, READ_ONLY, READ_WRITE, STAFF, Actor
from app.access.reveals import CAN_REVEAL
from app.access.reveals import VIEW as PERSONAL
from app.access.words import THINGS
from app.base.clock import moment
from app.base.database import session
from app.base.errors import Malformed
from app.codes.fields import Field, Kind
from app.codes.forms import Code, Region
from app.codes.graduate_fields import FIELDS
from app.codes.words import masked
from app.ems.destination import FIELDS as DESTINATION_FIELDS
from app.ems.queries import ems_view
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, ContainsCharacters, Equal, EqualName, OneOf, SealedEqual
from app.fab.shapes import (
    CODE,
    EXPORT,
    EXPORT_QUERY,
    JOB,
    MOMENT,
    Moment,
    Shape,
    Words,
    enum,
    group,
    many,
    one,
    with_fields,
)
from app.roster.models import Graduate
from app.roster.queries import destinations_of, graduate_visible_to
from app.roster.records import sheet_columns
from app.roster.services import personal
from app.roster.services.graduates import confirm_basic_information
from app.roster.snapshots import value_of
from app.schools.models import Department, Province, School
from app.web.numbers import row_id
from app.web.sheets import export_answer


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


class MeApi(RoomApi):
    """The account behind the token."""

    resource_name = class_permission_name = "me"
    permissions = {"can_confirm": (GRADUATE,)}

    @expose("", methods=["GET"])
    @describe(MeShape)
    def show(self) -> Response:
        """The account behind the token, its scope and module permissions."""
        return json_answer(200, me_json(self.actor()))

    @expose("/confirm", methods=["POST"])
    @describe(one(group(confirmed_at=MOMENT)), body=group(code=CODE), errors=(409,))
    def confirm(self) -> Response:
        """A graduate confirms the basic information; until then nothing else can be done (R1.9)."""
        self.require("can_confirm")
        graduate = confirm_basic_information(actor=self.actor())
        return self.one(graduate.id, {"confirmed_at": moment(graduate.confirmed_at)})


_REMOVED = {"invalid": enum(("true", "false"))}


_EXPAND = {"expand": enum(("destination",))}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_DESTINATION = {
    "type": ["object", "null"],
    "description": "With expand=destination",
    "properties": {
        **dict.fromkeys((*DESTINATION_FIELDS, "workflow", "reported_at"), _TEXT_OR_NULL),
        "case_id": {"type": "integer"},
    },
}


def _expanded() -> bool:
    wanted = request.args.get("expand")
    if wanted not in (None, "", "destination"):
        raise Malformed(_("expand can only be: destination."))
    return bool(wanted)


def _on_roster_or_removed() -> Any:
    removed = request.args.get("invalid", "").lower() in ("true", "1")
    return Graduate.invalid_since.is_not(None) if removed else Graduate.invalid_since.is_(None)


class GraduatesApi(RoomApi):
    """The student list for staff (R4.2); basic information is changed only in the employment management system."""

    resource_name = class_permission_name = "graduates"
    module = "employment"
    permissions = {"can_list": STAFF, "can_show": STAFF, "can_export": STAFF}
    listing = Listing(
        ScopedInterface(Graduate),
        {
            "id": (Equal, OneOf),
            "name": (ContainsCharacters, EqualName),
            "cohort": (Equal, OneOf),
            "level": (Equal, OneOf),
            "school_id": (Equal, OneOf),
            "department_id": (Equal, OneOf),
            "exam_number": (Equal,),
            "student_number": (Equal,),
            "major": (Contains, Equal),
            "training_mode": (Equal, OneOf),
            "created_at": None,
            "updated_at": None,
        },
        ("id", "name", "exam_number", "student_number", "updated_at"),
        find=(
            ("name", ContainsCharacters),
            ("exam_number", Equal),
            ("student_number", Equal),
            ("id_number", SealedEqual),
        ),
    )

    @expose("/", methods=["GET"])
    @describe(many(with_fields(GraduateShape, destination=_DESTINATION)), query=_REMOVED | _EXPAND, listed=True)
    def get_list(self) -> Response:
        """Graduates on the roster in my scope; with invalid=true those removed from it.

        With expand=destination each has what is in force for it and was reported to the employment system, or null.
        """
        actor = self.require("can_list")
        more = _expanded()
        page = self.listing.page(self.query(), actor, _on_roster_or_removed())
        if not more:
            return self.many(page, graduate_json)
        found = destinations_of(page.rows)
        return self.many(page, lambda row: {**graduate_json(row), "destination": found.get(row.id)})

    @expose("/export", methods=["GET"])
    @describe(EXPORT, query={**_REMOVED, **EXPORT_QUERY}, listed=True, also={202: JOB}, errors=(409, 422))
    def export(self) -> Response:
        """The same graduates as a file."""
        actor, q = self.require("can_export"), self.query()
        rows = self.listing.all_rows(q, actor, _on_roster_or_removed())
        return export_answer(str(THINGS["graduates"]), sheet_columns(), rows, subject="graduates", detail={"q": q})

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(GraduateBesideEmsShape))
    def get(self, pk: int) -> Response:
        """One graduate; ems is what the employment management system holds, differences are named."""
        graduate = graduate_visible_to(self.actor(), row_id(pk))
        self.require("can_show")
        view = ems_view(graduate)
        ems = {"student": view["student"], "destination": view["destination"]} if view["available"] else None
        body = {**graduate_json(graduate), "ems": ems, "differences": view["differences"]}
        return self.one(pk, {**body, "ems_available": view["available"]})


def graduate_json(graduate: Graduate) -> dict[str, Any]:
    """A flat row of all fields, codes as text, ID number and mobile masked."""
    return {
        "id": graduate.id,
        **{field.name: masked(field, value_of(graduate, field)) for field in FIELDS},
        "school_code": graduate.school.code,
        "level": graduate.level,
        "confirmed_at": moment(graduate.confirmed_at),
        "invalid_since": moment(graduate.invalid_since),
    }


def me_json(actor: Actor) -> dict[str, Any]:
    """`GET /me`: kind, scope by name and number, module permissions."""
    return {
        "username": actor.username,
        "name": actor.name,
        "role": actor.kind,
        "level": actor.level,
        "scope": _scope(actor),
        "modules": dict(actor.modules),
        "graduate_id": actor.graduate_id,
        "employer_id": actor.employer_id,
        "must_change_password": actor.must_change_password,
    }


def _scope(actor: Actor) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    for name, model, key in (
        ("province", Province, actor.province_id),
        ("school", School, actor.school_id),
        ("department", Department, actor.department_id),
    ):
        row = session.get(model, key) if key else None
        if row is not None:
            scope[name] = {"id": row.id, "code": getattr(row, "code", None), "name": row.name}
    return scope


RevealedShape = Shape.from_dict(
    {field.name: fields.String(allow_none=True) for field in personal.MASKED}, name="RevealedShape"
)


class RevealApi(RoomApi):
    """ID number and mobile of a graduate in full; it stands in the trail, and the graduate can read it."""

    resource_name = "graduates"
    class_permission_name = PERSONAL
    permission_label = _("Masked personal data")
    permission_labels = {CAN_REVEAL: _("see in full, with a reason")}
    permissions = {CAN_REVEAL: STAFF}

    @expose("/<int:pk>/reveal", methods=["POST"])
    @describe(one(RevealedShape), body=personal.RevealForm)
    def reveal(self, pk: int) -> Response:
        """What is masked of a graduate, for a reason."""
        return self.one(pk, personal.reveal(row_id(pk), self.body(), actor=self.actor()))


OPENS = (MeApi, GraduatesApi, RevealApi)
