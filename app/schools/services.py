"""The only writers of provinces, schools and their settings."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import clock
from app.access.actors import MODULES, OPERATOR, PROVINCE, SCHOOL, Actor
from app.codes import queries as codes
from app.codes.validators import is_phone, is_postcode
from app.database import session, transaction
from app.ems.switch import post_switch
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.schools.models import (
    DEPARTMENT_FIRST,
    LEVELS,
    SCHOOL_ONLY,
    THREE_PARTY,
    TWO_PARTY,
    AgreementContact,
    Province,
    ProvinceModule,
    School,
    SchoolSetting,
)
from app.schools.queries import has_opened, setting_of

# The code table of what can be offered in a module; signing has none.
_TYPES_OF = {"archive": "archive_transfer_type", "hukou": "hukou_transfer_type"}


def add_province(code: str, name: str, *, actor: Actor) -> Province:
    """Take a province into the platform; called by operators. One that is there is given back unchanged."""
    _only_operators(actor)
    with transaction():
        province = session.scalar(select(Province).where(Province.code == code))
        if province is None:
            province = Province(code=code, name=name)
            session.add(province)
            session.flush()
    return province


def add_school(code: str, name: str, province: Province, *, actor: Actor) -> School:
    """Take a school into the platform; called by operators. One that is there is given back unchanged."""
    _only_operators(actor)
    with transaction():
        school = session.scalar(select(School).where(School.code == code))
        if school is None:
            school = School(code=code, name=name, province=province)
            session.add(school)
            session.flush()
    return school


def open_province_module(province_id: int, module: str, *, actor: Actor, agreement_type: str | None = None) -> Province:
    """Open a module for a province, for good (R2.2); signing needs the agreement type, chosen once.

    Called by the province's own account with 读写 on the module. Raises NotFound, Forbidden, Conflict `already_open`,
    Invalid.
    """
    with transaction():
        province = session.scalar(select(Province).where(Province.id == province_id).with_for_update())
        if province is None or (actor.kind == PROVINCE and actor.province_id != province_id):
            raise NotFound()
        if not (actor.is_system or actor.kind == PROVINCE) or not actor.writes(module):
            raise Forbidden()
        if module not in MODULES:
            raise Invalid({"module": [_("Please choose from the list.")]})
        if has_opened(province_id, module):
            raise Conflict(_("This module is already open. It cannot be changed or closed."), "already_open")
        if module == "employment":
            if agreement_type not in (TWO_PARTY, THREE_PARTY):
                raise Invalid({"agreement_type": [_("Please choose from the list.")]})
            province.agreement_type = agreement_type
        session.add(ProvinceModule(province_id=province_id, module=module, opened_by=actor.name))
        session.flush()
        session.expire(province, ["modules"])
    return province


def save_school_setting(
    school_id: int,
    cohort: int,
    module: str = "employment",
    *,
    actor: Actor,
    opened: bool,
    review_mode: str = SCHOOL_ONLY,
    max_terminations: int = 0,
    types: Sequence[str] = (),
) -> SchoolSetting:
    """Submit what a school sets for one cohort and module (R3.1–R3.4, R3.6).

    Called by school accounts with 读写 on the module; the employment system is told when signing is opened. Raises
    NotFound, Forbidden, Conflict `province_not_open`, Invalid.
    """
    with transaction():
        school = _own_school(school_id, module, actor)
        if not has_opened(school.province_id, module):
            raise Conflict(
                _("Your province has not opened this module yet. Please ask the province."), "province_not_open"
            )
        _refuse_wrong_setting(module, review_mode, max_terminations, types)
        setting = setting_of(school_id, cohort, module)
        if setting is None:
            setting = SchoolSetting(school_id=school_id, cohort=cohort, module=module, province_id=school.province_id)
            session.add(setting)
        turned = bool(setting.open) != opened
        setting.open, setting.review_mode, setting.types = opened, review_mode, list(types)
        setting.max_terminations, setting.submitted_at = max_terminations, clock.now()
        session.flush()
        if turned and module == "employment":
            key = f"switch:{school.code}:{cohort}:{setting.submitted_at.isoformat()}"
            post_switch(school.code, cohort, is_open=opened, key=key)
    return setting


def add_contact(
    school_id: int,
    cohort: int,
    level: str,
    *,
    actor: Actor,
    name: str,
    phone: str,
    address: str,
    postcode: str,
) -> AgreementContact:
    """Submit the agreement contact for the whole school or one level (R3.5); it cannot be changed afterwards.

    Called by school accounts with 读写 on employment. Raises NotFound, Forbidden, Conflict `contact_exists`, Invalid.
    """
    with transaction():
        _own_school(school_id, "employment", actor)
        if level not in ("all", *LEVELS):
            raise Invalid({"level": [_("Please choose from the list.")]})
        if session.get(AgreementContact, (school_id, cohort, level)) is not None:
            raise Conflict(_("The agreement contact has been submitted and cannot be changed."), "contact_exists")
        _refuse_wrong_contact(name, phone, address, postcode)
        contact = AgreementContact(
            school_id=school_id,
            cohort=cohort,
            level=level,
            name=name,
            phone=phone,
            address=address,
            postcode=postcode,
        )
        session.add(contact)
        session.flush()
    return contact


def _only_operators(actor: Actor) -> None:
    if not (actor.is_system or actor.kind == OPERATOR):
        raise Forbidden()


def _own_school(school_id: int, module: str, actor: Actor) -> School:
    school = session.get(School, school_id)
    if school is None or (actor.kind == SCHOOL and actor.school_id != school_id):
        raise NotFound()
    if not (actor.is_system or actor.kind == SCHOOL) or not actor.writes(module):
        raise Forbidden()
    return school


def _refuse_wrong_setting(module: str, review_mode: str, max_terminations: int, types: Sequence[str]) -> None:
    errors: dict[str, list[object]] = {}
    if module not in MODULES:
        errors["module"] = [_("Please choose from the list.")]
    if review_mode not in (SCHOOL_ONLY, DEPARTMENT_FIRST):
        errors["review_mode"] = [_("Please choose from the list.")]
    if not 0 <= max_terminations <= 99:
        errors["max_terminations"] = [_("The number must lie between %(least)s and %(most)s.", least=0, most=99)]
    table = _TYPES_OF.get(module)
    if any(table is None or not codes.exists(table, code) for code in types):
        errors["types"] = [_("Please choose from the list.")]
    if errors:
        raise Invalid(errors)


def _refuse_wrong_contact(name: str, phone: str, address: str, postcode: str) -> None:
    errors: dict[str, list[object]] = {}
    for field, value, most in (("name", name, 32), ("address", address, 128)):
        if not 0 < len(value.strip()) <= most:
            errors[field] = [_("Please fill this in.")]
    if not is_phone(phone):
        errors["phone"] = [_("Please give a mobile number, or a fixed line with area code such as 010-12345678.")]
    if not is_postcode(postcode):
        errors["postcode"] = [_("A postcode has six digits.")]
    if errors:
        raise Invalid(errors)
