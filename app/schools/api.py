"""The API of the settings: what a province opens, what a school sets for a cohort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import DEPARTMENT, MODULES, OPERATOR, PROVINCE, SCHOOL, Actor, module_refusal
from app.base.cohorts import current_cohort, shown_cohorts
from app.base.database import transaction
from app.base.errors import Invalid, Malformed
from app.fab.api import RoomApi, describe, expose
from app.fab.shapes import INTEGER, STRING, Moment, Shape, Words, enum, one, with_fields
from app.schools import guards, queries
from app.schools.forms import ContactForm, SettingForm
from app.schools.models import DEPARTMENT_FIRST, SCHOOL_ONLY, THREE_PARTY, TWO_PARTY, Province, School
from app.schools.seasons.forms import DeadlinesForm, ProvinceSeasonForm, WindowForm
from app.schools.seasons.models import FREE, REVIEWED
from app.schools.seasons.queries import (
    WINDOWS,
    changes_until,
    limits_for,
    season_of_province,
    season_of_school,
    window_in,
)
from app.schools.seasons.services import OF_PROVINCE, OF_SCHOOL, save_province_season, save_school_season
from app.schools.services import PROVINCE_SETTINGS, SCHOOL_SETTINGS, open_province_module, save_school_setting


class ModuleShape(Shape):
    """Whether a province has opened a module, when and who did it."""

    open = fields.Boolean()
    opened_at = Moment(allow_none=True)
    opened_by = fields.String(allow_none=True)


class ProvinceSettingsShape(Shape):
    """What a province has opened."""

    code = fields.String()
    name = fields.String()
    agreement_type = Words(TWO_PARTY, THREE_PARTY, allow_none=True)
    modules = fields.Dict(values=fields.Nested(ModuleShape), metadata={"description": ", ".join(MODULES)})
    cohort = fields.Integer()
    deadlines = fields.Nested(DeadlinesForm, metadata={"description": "as set here; null: from above"})
    deadlines_in_force = fields.Nested(DeadlinesForm)
    destination_change = Words(FREE, REVIEWED)
    changes_until = fields.Date()


class SchoolSettingsShape(Shape):
    """What a school has set for a cohort and module."""

    school = fields.String(attribute="school.code")
    name = fields.String(attribute="school.name")
    cohort = fields.Integer()
    module = Words(*MODULES)
    agreement_type = Words(TWO_PARTY, THREE_PARTY, attribute="school.province.agreement_type", allow_none=True)
    open = fields.Boolean()
    review_mode = Words(SCHOOL_ONLY, DEPARTMENT_FIRST, attribute="setting.review_mode", allow_none=True)
    max_terminations = fields.Integer(attribute="setting.max_terminations", allow_none=True)
    types = fields.List(fields.String())
    contacts = fields.List(fields.Nested(ContactForm))
    submitted_at = Moment(attribute="setting.submitted_at", allow_none=True)
    leaving = fields.Nested(WindowForm, allow_none=True)
    checking = fields.Nested(WindowForm, allow_none=True)
    deadlines = fields.Nested(DeadlinesForm, metadata={"description": "as set here; null: from above"})
    deadlines_in_force = fields.Nested(DeadlinesForm)


_COHORT = {**INTEGER, "description": "the current one when absent"}
_PROVINCE = {"province": {**STRING, "description": "two-digit code, for operators"}, "cohort": _COHORT}
_OPENING = with_fields(
    ProvinceSeasonForm, cohort=INTEGER, module=enum(MODULES), agreement_type=enum((TWO_PARTY, THREE_PARTY))
)
_SCHOOL = {
    "cohort": _COHORT,
    "module": enum(MODULES, default="employment"),
    "school": {**STRING, "description": "school code, for provinces and operators"},
}
_SETTING = with_fields(
    SettingForm,
    module=enum(MODULES, default="employment"),
    cohort=INTEGER,
    leaving=WindowForm,
    checking=WindowForm,
    deadlines=DeadlinesForm,
)


class ProvinceSettingsApi(RoomApi):
    """What a province has opened; there is no closing."""

    resource_name = "settings/province"
    class_permission_name = PROVINCE_SETTINGS
    permissions = {"can_show": (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT), "can_open": (PROVINCE,)}

    @expose("", methods=["GET"])
    @describe(one(ProvinceSettingsShape), query=_PROVINCE, errors=(404,))
    def get(self) -> Response:
        """The modules that the province has opened; schools read their own province's."""
        cohort = _cohort_of_address()
        province = queries.province_visible_to(self.actor(), request.args.get("province"))
        self.require("can_show")
        return self.one(province.id, province_json(province, _shown(cohort)))

    @expose("", methods=["PUT"])
    @describe(one(ProvinceSettingsShape), body=_OPENING)
    def put(self) -> Response:
        """Open a module for the province, which can never be closed again (R2.2), or set what holds for a cohort."""
        actor, sent = self.require("can_open"), self.body()
        with transaction():
            season = save_province_season(sent, sent.get("cohort"), actor=actor) if _named(sent, OF_PROVINCE) else None
            if season is None or "module" in sent:
                open_province_module(sent.get("module"), sent.get("agreement_type"), actor=actor)  # type: ignore[arg-type]
        province = queries.province_visible_to(actor)
        return self.one(province.id, province_json(province, season.cohort if season else current_cohort()))


class SchoolSettingsApi(RoomApi):
    """What a school has set for signing and registration, per cohort and module."""

    resource_name = "settings/school"
    class_permission_name = SCHOOL_SETTINGS
    permissions = {"can_show": (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT), "can_save": (SCHOOL,)}

    @expose("", methods=["GET"])
    @describe(one(SchoolSettingsShape), query=_SCHOOL, errors=(404, 409, 422))
    def get(self) -> Response:
        """The school's settings for a cohort and module."""
        cohort, module = _cohort_of_address(), request.args.get("module", "employment")
        school = queries.school_visible_to(self.actor(), request.args.get("school"))
        actor = self.require("can_show")
        _refuse_module(actor, school, module)
        return self.one(school.id, school_json(school, _shown(cohort), module))

    @expose("", methods=["PUT"])
    @describe(one(SchoolSettingsShape), body=_SETTING)
    def put(self) -> Response:
        """Change the school's settings for a cohort and module; what is absent stays as it is (R3)."""
        actor, sent = self.require("can_save"), self.body()
        module, cohort = sent.get("module", "employment"), sent.get("cohort")
        season = _named(sent, OF_SCHOOL)
        with transaction():
            if season:
                year = save_school_season(sent, cohort, actor=actor).cohort
            if not season or set(sent) - season - {"module", "cohort"}:  # these alone are no opening
                year = save_school_setting(sent, cohort, module, actor=actor).cohort
        school = queries.school_visible_to(actor)
        return self.one(school.id, school_json(school, year, module))


def _named(sent: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    return {name for name in names if name in sent}


def _cohort_of_address() -> int:
    text = request.args.get("cohort")
    if text is None:
        return current_cohort()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Malformed(_("“%(value)s” is not a whole number.", value=text[:40]))
    return int(text)


def _shown(cohort: int) -> int:
    if cohort not in shown_cohorts():
        raise Invalid({"cohort": [_("There is no such cohort. Please choose from the list.")]})
    return cohort


def _refuse_module(actor: Actor, school: School, module: str) -> None:
    if module not in MODULES:
        raise Invalid({"module": [_("Please choose from the list.")]})
    if module in actor.closed_modules:
        guards.province_has_opened(school, module)
    if not actor.reads(module):
        raise module_refusal(actor, module)


def province_json(province: Province, cohort: int) -> dict[str, Any]:
    """What a province has opened, and what it has set for a cohort."""
    season = season_of_province(province.id, cohort)
    opened = queries.opened_modules(province.id)
    modules = {
        module: {
            "open": module in opened,
            "opened_at": opened[module].opened_at if module in opened else None,
            "opened_by": opened[module].opened_by if module in opened else None,
        }
        for module in MODULES
    }
    told: dict[str, Any] = {"code": province.code, "name": province.name, "agreement_type": province.agreement_type}
    told |= {"cohort": cohort, "changes_until": changes_until(season, cohort)}
    told |= {"destination_change": season.destination_change if season else FREE}
    told |= _deadlines(season, None, province.id, cohort)
    return dict(ProvinceSettingsShape().dump({**told, "modules": modules}))


def _deadlines(season: Any, school_id: int | None, province_id: int, cohort: int) -> dict[str, Any]:
    own = season.deadlines if season else {}
    in_force = vars(limits_for(school_id, province_id, cohort))
    return {"deadlines": {name: own.get(name) for name in in_force}, "deadlines_in_force": in_force}


def school_json(school: School, cohort: int, module: str) -> dict[str, Any]:
    """What a school has set; what has never been set is null."""
    setting = queries.setting_of(school.id, cohort, module)
    contacts = queries.contacts_of(school.id, cohort) if module == "employment" else {}
    season = season_of_school(school.id, cohort)
    told: dict[str, Any] = {"school": school, "setting": setting, "cohort": cohort, "module": module}
    for name in WINDOWS:
        window = window_in(season, name)
        told[name] = {"from_": window.since.isoformat(), "until": window.until.isoformat()} if window else None
    told |= _deadlines(season, school.id, school.province_id, cohort)
    switch = {"open": bool(setting and setting.open), "types": list(setting.types) if setting else []}
    return dict(SchoolSettingsShape().dump({**told, **switch, "contacts": list(contacts.values())}))
