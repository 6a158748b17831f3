"""The only writers of provinces, schools and what they set for a season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.actors import MODULES, OPERATOR, PROVINCE, READ_WRITE, SCHOOL, Actor, module_refusal, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.codes import queries as codes
from app.ems.switch import post_switch
from app.schools.changes import Change, Errors, judged_change
from app.schools.models import (
    THREE_PARTY,
    TWO_PARTY,
    AgreementContact,
    Province,
    ProvinceModule,
    School,
    SchoolSetting,
)
from app.schools.queries import has_opened, province_subject, school_by_code, school_subject

# The names under which roles are given these pages and calls.
PROVINCE_SETTINGS, SCHOOL_SETTINGS, PROVINCES, SCHOOLS = "province_settings", "school_settings", "provinces", "schools"


# Provinces and schools ----------------------------------------------------------------------------------------------


def add_province(code: str, name: str, *, actor: Actor) -> Province:
    """Take a province into the platform; called by operators. One that is there is given back unchanged.

    Raises Forbidden, Invalid.
    """
    require(actor, "can_add", PROVINCES, kinds=(OPERATOR,))
    if not codes.region_exists(f"{code}0000"):
        raise Invalid({"code": [_("Please choose from the list.")]})
    with transaction():
        province = session.scalar(select(Province).where(Province.code == code))
        if province is None:
            province = Province(code=code, name=name)
            session.add(province)
            session.flush()
            audit.record("can_add", actor=actor, subject=f"{PROVINCES} {code} {name}")
    return province


def add_school(code: str, name: str, province: Province, *, actor: Actor) -> School:
    """Take a school into the platform; called by operators. One that is there is given back unchanged.

    Raises Forbidden, Invalid.
    """
    require(actor, "can_add", SCHOOLS, kinds=(OPERATOR,))
    with transaction():
        school = school_by_code(code)
        if school is None:
            errors = _wrong_name(name)
            if not (len(code) == 5 and code.isascii() and code.isdigit()):
                errors["code"] = [_("A school code has five digits.")]
            if errors:
                raise Invalid(errors)
            school = School(code=code, name=name.strip(), province=province)
            session.add(school)
            session.flush()
            audit.record("can_add", actor=actor, subject=f"{SCHOOLS} {code} {name}"[:128])
    return school


def rename_school(school_id: int, name: str, *, actor: Actor) -> School:
    """Give a school its new name; called by operators. Agreements keep the name of their day.

    Raises NotFound, Forbidden, Invalid.
    """
    with transaction():
        school = session.get(School, school_id)
        if school is None:
            raise NotFound()
        require(actor, "can_edit", SCHOOLS, kinds=(OPERATOR,))
        if errors := _wrong_name(name, of=school):
            raise Invalid(errors)
        audit.record("can_edit", actor=actor, subject=f"{SCHOOLS} {school.code}", detail={"name": [school.name, name]})
        school.name = name.strip()
    return school


def _wrong_name(name: str, of: School | None = None) -> Errors:
    name = name.strip()
    if not name:
        return {"name": [_("Please fill this in.")]}
    if len(name) > 64:
        return {"name": [_("At most %(most)s characters; this has %(has)s.", most=64, has=len(name))]}
    other = session.scalar(select(School).where(School.name == name))
    return {"name": [_("Another school has this name.")]} if other is not None and other is not of else {}


# What a province opens ----------------------------------------------------------------------------------------------


def open_province_module(module: str, agreement_type: str | None = None, *, actor: Actor) -> Province:
    """Open a module for the actor's province, for good (R2.2); signing needs the agreement type, chosen once.

    Called by province accounts with 读写 on the module. There is no closing: no function undoes this and the database
    refuses it. Raises Forbidden, Conflict `already_open`, Invalid.
    """
    with transaction():
        province = own_province(actor)
        refuse_without_permission(actor, PROVINCE, "can_open", PROVINCE_SETTINGS, module)
        if has_opened(province.id, module):
            raise Conflict(_("This module is already open. It cannot be changed or closed."), "already_open")
        if module == "employment":
            if agreement_type not in (TWO_PARTY, THREE_PARTY):
                raise Invalid({"agreement_type": [_("Please choose from the list.")]})
            province.agreement_type = agreement_type
        session.add(ProvinceModule(province_id=province.id, module=module, opened_by=actor.name))
        session.flush()
        session.expire(province, ["modules"])
        detail = {"module": module, "agreement_type": province.agreement_type if module == "employment" else None}
        audit.record("open_module", actor=actor, subject=province_subject(province), detail=detail)
    return province


def own_province(actor: Actor) -> Province:
    """The actor's province, held so that of two people saving at once one comes second."""
    query = select(Province).where(Province.id == actor.province_id).with_for_update(key_share=True)
    province = session.scalar(query.execution_options(populate_existing=True))
    if province is None or actor.kind not in (PROVINCE, "system"):
        raise Forbidden()
    return province


# What a school sets -------------------------------------------------------------------------------------------------


def save_school_setting(
    changes: Mapping[str, Any],
    cohort: int | None = None,
    module: str = "employment",
    *,
    actor: Actor,
    version: int | None = None,
) -> SchoolSetting:
    """Change what the actor's school has set for a cohort and module; what `changes` does not name stays (R3.1–R3.6).

    Called by school accounts with 读写 on the module. `changes` has the fields of SettingForm; the first time what is
    absent gets a default. `version` is the one the caller saw. The employment system is told when signing is opened
    or closed. Raises, in this order: Forbidden, Conflict (`province_not_open`, `cohort_closed`, `stale`,
    `cases_exist`, `in_progress`, `departments_without_account`, `contact_exists`), Invalid.
    """
    with transaction():
        school = own_school(actor, module)
        change = judged_change(changes, school, cohort, module, actor=actor, version=version)
        if change.setting is not None and not change.after and not change.contacts:
            return change.setting
        setting = _write(change)
        _keep_history(change, actor)
        if (change.opens or change.closes) and module == "employment":
            code, year = change.school.code, change.cohort
            key = f"switch:{code}:{year}:{setting.version}"
            post_switch(code, year, is_open=setting.open, key=key)
    return setting


def preview_school_setting(
    changes: Mapping[str, Any],
    cohort: int | None = None,
    module: str = "employment",
    *,
    actor: Actor,
    version: int | None = None,
) -> Change:
    """What save_school_setting() would do, with all its refusals; writes nothing."""
    with transaction():
        school = own_school(actor, module)
        return judged_change(changes, school, cohort, module, actor=actor, version=version)


def own_school(actor: Actor, module: str) -> School:
    """The actor's school, held so that of two people saving at once one comes second."""
    query = select(School).where(School.id == actor.school_id).with_for_update(key_share=True, of=School)
    school = session.scalar(query)
    if school is None or actor.kind not in (SCHOOL, "system"):
        raise Forbidden()
    refuse_without_permission(actor, SCHOOL, "can_save", SCHOOL_SETTINGS, module)
    return school


def refuse_without_permission(actor: Actor, kind: str, permission: str, view: str, module: str) -> None:
    """What may be set is set by who has the permission and 读写 on the module."""
    if actor.is_system:
        return
    require(actor, permission, view, kinds=(kind,))
    if module not in MODULES:
        raise Invalid({"module": [_("Please choose from the list.")]})
    if actor.holds(module) != READ_WRITE:
        raise module_refusal(actor, module)


def _write(change: Change) -> SchoolSetting:
    school, setting = change.school, change.setting
    if setting is None:
        setting = SchoolSetting(
            school_id=school.id,
            cohort=change.cohort,
            module=change.module,
            province_id=school.province_id,
            version=0,
        )
        session.add(setting)
    for name, value in change.after.items():
        setattr(setting, name, value)
    setting.version += 1
    setting.submitted_at = clock.now()
    session.add_all(
        AgreementContact(school_id=school.id, cohort=change.cohort, **contact) for contact in change.contacts
    )
    session.flush()
    return setting


def _keep_history(change: Change, actor: Actor) -> None:
    after = {**change.after, **({"contacts": change.contacts} if change.contacts else {})}
    subject = school_subject(change.school, change.cohort, change.module)
    audit.record("settings", actor=actor, subject=subject, detail={"before": change.before, "after": after})
