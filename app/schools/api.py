"""The API of the settings: what a province opens, what a school sets for a cohort."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, MODULES, OPERATOR, PROVINCE, SCHOOL, Actor, module_refusal
from app.base.clock import moment
from app.base.cohorts import current_cohort, shown_cohorts
from app.base.errors import Invalid, Malformed
from app.fab.api import RoomApi, expose
from app.schools import guards, queries
from app.schools.models import AgreementContact, Province, School
from app.schools.services import PROVINCE_SETTINGS, SCHOOL_SETTINGS, open_province_module, save_school_setting


class ProvinceSettingsApi(RoomApi):
    """功能设置: there is no closing."""

    resource_name = "settings/province"
    class_permission_name = PROVINCE_SETTINGS
    permissions = {"can_show": (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT), "can_open": (PROVINCE,)}

    @expose("", methods=["GET"])
    def get(self) -> Response:
        """What the province has opened.
        ---
        get:
          summary: The modules that the province has opened; schools read their own province's
          parameters:
            - {in: query, name: province, schema: {type: string}, description: two-digit code, for operators}
          responses:
            200:
              description: Modules and agreement type
              content: {application/json: {schema: {type: object}}}
        """
        province = queries.province_visible_to(self.actor(), request.args.get("province"))
        self.require("can_show")
        return self.one(province.id, province_json(province))

    @expose("", methods=["PUT"])
    def put(self) -> Response:
        """Open a module for good (R2.2).
        ---
        put:
          summary: Open a module for the province; it can never be closed again
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [module]
                  properties:
                    module: {type: string, enum: [employment, archive, hukou]}
                    agreement_type: {type: string, enum: [two_party, three_party]}
          responses:
            200:
              description: Modules and agreement type
              content: {application/json: {schema: {type: object}}}
        """
        actor, sent = self.require("can_open"), self.body()
        province = open_province_module(sent.get("module"), sent.get("agreement_type"), actor=actor)  # type: ignore[arg-type]
        return self.one(province.id, province_json(province))


class SchoolSettingsApi(RoomApi):
    """签约设置 and 登记设置, per cohort and module."""

    resource_name = "settings/school"
    class_permission_name = SCHOOL_SETTINGS
    permissions = {"can_show": (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT), "can_save": (SCHOOL,)}

    @expose("", methods=["GET"])
    def get(self) -> Response:
        """What the school has set.
        ---
        get:
          summary: The school's settings for a cohort and module
          parameters:
            - {in: query, name: cohort, schema: {type: integer}, description: the current one when absent}
            - {in: query, name: module, schema: {type: string, enum: [employment, archive, hukou]}}
            - {in: query, name: school, schema: {type: string}, description: school code, for provinces and operators}
          responses:
            200:
              description: The settings
              content: {application/json: {schema: {type: object}}}
        """
        cohort, module = _cohort_of_address(), request.args.get("module", "employment")
        school = queries.school_visible_to(self.actor(), request.args.get("school"))
        actor = self.require("can_show")
        _refuse_module(actor, school, module)
        return self.one(school.id, school_json(school, _shown(cohort), module))

    @expose("", methods=["PUT"])
    def put(self) -> Response:
        """Change the settings; what is absent stays (R3).
        ---
        put:
          summary: Change the school's settings for a cohort and module; what is absent stays as it is
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    module: {type: string, enum: [employment, archive, hukou], default: employment}
                    cohort: {type: integer}
                    open: {type: boolean}
                    review_mode: {type: string, enum: [school, department_school]}
                    max_terminations: {type: integer, minimum: 0, maximum: 99}
                    types: {type: array, items: {type: string}}
                    contacts:
                      type: array
                      items:
                        type: object
                        required: [level, name, phone, address, postcode]
                        properties:
                          level: {type: string, enum: [all, undergraduate, postgraduate]}
                          name: {type: string, maxLength: 32}
                          phone: {type: string}
                          address: {type: string, maxLength: 128}
                          postcode: {type: string, pattern: '^[0-9]{6}$'}
          responses:
            200:
              description: The settings
              content: {application/json: {schema: {type: object}}}
        """
        actor, sent = self.require("can_save"), self.body()
        module = sent.get("module", "employment")
        setting = save_school_setting(sent, sent.get("cohort"), module, actor=actor)
        school = queries.school_visible_to(actor)
        return self.one(school.id, school_json(school, setting.cohort, module))


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


def province_json(province: Province) -> dict[str, Any]:
    """`GET settings/province`."""
    opened = queries.opened_modules(province.id)
    modules = {
        module: {
            "open": module in opened,
            "opened_at": moment(opened[module].opened_at) if module in opened else None,
            "opened_by": opened[module].opened_by if module in opened else None,
        }
        for module in MODULES
    }
    return {
        "code": province.code,
        "name": province.name,
        "agreement_type": province.agreement_type,
        "modules": modules,
    }


def school_json(school: School, cohort: int, module: str) -> dict[str, Any]:
    """`GET settings/school`; what has never been set is null."""
    setting = queries.setting_of(school.id, cohort, module)
    contacts = queries.contacts_of(school.id, cohort) if module == "employment" else {}
    return {
        "school": school.code,
        "name": school.name,
        "cohort": cohort,
        "module": module,
        "agreement_type": school.province.agreement_type,
        "open": bool(setting and setting.open),
        "review_mode": setting.review_mode if setting else None,
        "max_terminations": setting.max_terminations if setting else None,
        "types": list(setting.types) if setting else [],
        "contacts": [contact_json(contact) for contact in contacts.values()],
        "submitted_at": moment(setting.submitted_at) if setting else None,
    }


def contact_json(contact: AgreementContact) -> dict[str, str]:
    """One agreement contact, in the form in which it is sent."""
    return {name: getattr(contact, name) for name in ("level", "name", "phone", "address", "postcode")}


def register(app: Flask) -> None:
    app.appbuilder.add_api(ProvinceSettingsApi)  # type: ignore[attr-defined]
    app.appbuilder.add_api(SchoolSettingsApi)  # type: ignore[attr-defined]
