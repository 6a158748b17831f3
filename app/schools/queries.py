"""What schools and provinces have set, for rules and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access.actors import DEPARTMENT, OPERATOR, PROVINCE, READ_WRITE, SCHOOL, Actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.base.database import Model, session
from app.base.errors import Forbidden, NotFound
from app.base.kept import Kept
from app.schools.models import (
    WHOLE_SCHOOL,
    AgreementContact,
    Department,
    Province,
    ProvinceModule,
    School,
    SchoolSetting,
)

SCHOOL_NOT_OPEN, NO_CONTACT = "school_not_open", "no_contact"


# What has been set --------------------------------------------------------------------------------------------------


def setting_of(school_id: int, cohort: int, module: str = "employment", *, hold: bool = False) -> SchoolSetting | None:
    """The school's submitted setting for a cohort and module, or None while it has none.

    With `hold` it cannot change until the caller's transaction ends.
    """
    key = (school_id, cohort, module)
    if not hold:
        return session.get(SchoolSetting, key)
    return session.get(SchoolSetting, key, with_for_update={"read": True}, populate_existing=True)


def settings_of_schools(school_ids: Iterable[int], cohort: int) -> dict[tuple[int, str], SchoolSetting]:
    """The settings of many schools for a cohort: (school, module) → setting; one statement."""
    query = select(SchoolSetting).where(SchoolSetting.cohort == cohort, SchoolSetting.school_id.in_(school_ids))
    return {(row.school_id, row.module): row for row in session.scalars(query)}


def opened_by_schools(school_ids: Iterable[int], cohort: int) -> set[tuple[int, str]]:
    """Which of many schools have opened what for a cohort: (school, module); one statement."""
    mine = SchoolSetting.school_id == func.any(cast(list(school_ids), ARRAY(BigInteger)))
    query = select(SchoolSetting.school_id, SchoolSetting.module).where(mine, SchoolSetting.cohort == cohort)
    return {(school, module) for school, module in session.execute(query.where(SchoolSetting.open))}


def opened_modules(province_id: int) -> dict[str, ProvinceModule]:
    """The modules that the province has opened, by name."""
    query = select(ProvinceModule).where(ProvinceModule.province_id == province_id)
    return {row.module: row for row in session.scalars(query)}


def has_opened(province_id: int, module: str) -> bool:
    """Whether the province has opened the module; once opened it stays open (R2.2)."""
    return module in opened_modules(province_id)


def contacts_of(school_id: int, cohort: int) -> dict[str, AgreementContact]:
    """The agreement contacts that a school has submitted for a cohort, by level (R3.5)."""
    return {contact.level: contact for contact in _contacts().rows({"school": school_id, "year": cohort})}


@cache
def _contacts() -> Kept:
    """Put together once: every page of an agreement asks."""
    own = (AgreementContact.school_id == bindparam("school"), AgreementContact.cohort == bindparam("year"))
    return Kept(select(AgreementContact).where(*own))


def contact_for(school_id: int, cohort: int, level: str) -> AgreementContact | None:
    """The agreement contact for a graduate of this level: the level's own, else the whole school's (R3.5)."""
    found = contacts_of(school_id, cohort)
    return found.get(level) or found.get(WHOLE_SCHOOL)


def changes_of(subject: str, limit: int = 50) -> Sequence[AuditLine]:
    """The history of one setting, newest first: who, when, before, after."""
    query = select(AuditLine).where(AuditLine.subject == subject).order_by(AuditLine.id.desc()).limit(limit)
    return session.scalars(query).all()


def province_subject(province: Province) -> str:
    """Under what name the audit trail keeps what a province has opened."""
    return f"province_settings {province.code}"


def school_subject(school: School, cohort: int, module: str) -> str:
    """Under what name the audit trail keeps the setting of a school for a cohort and module."""
    return f"school_settings {school.code} {cohort} {module}"


# Who can use a module -----------------------------------------------------------------------------------------------


def closures_of(graduates: Iterable[Any], module: str = "employment", *, hold: bool = False) -> dict[int, str]:
    """Why graduates cannot use a module: id → SCHOOL_NOT_OPEN or NO_CONTACT; who can use it is absent (R3.1, R3.5).

    A school can set something only once its province has opened the module, so its setting tells of both. With
    `hold` the settings cannot change until the caller's transaction ends. One statement.
    """
    people = list(graduates)
    opened = _opened(people, (module,), hold)
    found = {one.id: _closure(one, module, opened) for one in people}
    return {graduate_id: closure for graduate_id, closure in found.items() if closure is not None}


def closed_modules(graduate: Any, modules: Iterable[str]) -> dict[str, str]:
    """Why one graduate cannot use these modules: module → SCHOOL_NOT_OPEN or NO_CONTACT; open ones are absent.

    One statement, for pages that ask for all of them.
    """
    wanted = tuple(modules)
    opened = _opened([graduate], wanted, False)
    found = {module: _closure(graduate, module, opened) for module in wanted}
    return {module: closure for module, closure in found.items() if closure is not None}


def _opened(people: Sequence[Any], modules: tuple[str, ...], hold: bool) -> dict[tuple[str, int, int], set[str]]:
    """Module, school and cohort of what has been opened, with the levels that have a contact."""
    asked = {
        "modules": modules,
        "schools": list({one.school_id for one in people}),
        "cohorts": list({one.cohort for one in people}),
    }
    found = _settings(hold).rows(asked)
    return {(module, school, cohort): set(levels or ()) for module, school, cohort, levels in found}


@cache
def _settings(hold: bool) -> Kept:
    """Put together once: every page of a graduate asks."""
    levels = (
        select(func.array_agg(AgreementContact.level))
        .where(AgreementContact.school_id == SchoolSetting.school_id, AgreementContact.cohort == SchoolSetting.cohort)
        .scalar_subquery()
    )
    query = select(SchoolSetting.module, SchoolSetting.school_id, SchoolSetting.cohort, levels).where(
        SchoolSetting.module.in_(bindparam("modules", expanding=True)),
        SchoolSetting.open,
        SchoolSetting.school_id.in_(bindparam("schools", expanding=True)),
        SchoolSetting.cohort.in_(bindparam("cohorts", expanding=True)),
    )
    return Kept(query.with_for_update(read=True, of=SchoolSetting) if hold else query)


def _closure(graduate: Any, module: str, opened: Mapping[tuple[str, int, int], set[str]]) -> str | None:
    contacts = opened.get((module, graduate.school_id, graduate.cohort))
    if contacts is None:
        return SCHOOL_NOT_OPEN
    if module == "employment" and not contacts & {graduate.level, WHOLE_SCHOOL}:
        return NO_CONTACT
    return None


# Schools and departments --------------------------------------------------------------------------------------------


def school_by_code(code: str) -> School | None:
    """The school of a five-digit code."""
    return session.scalar(select(School).where(School.code == code))


def school_visible_to(actor: Actor, code: str | None = None) -> School:
    """The school whose settings are read: one's own; provinces and operators name it by code (R1.7).

    Raises Forbidden for accounts that read no settings, NotFound outside the scope.
    """
    query = select(School)
    if actor.kind in (SCHOOL, DEPARTMENT):
        query = query.where(School.id == actor.school_id)
    elif actor.kind == PROVINCE:
        query = query.where(School.province_id == actor.province_id)
    elif actor.kind != OPERATOR:
        raise Forbidden()
    if code is None and actor.school_id is None:
        raise NotFound(_("Please name the school by its code."))
    school = session.scalar(query if code is None else query.where(School.code == code))
    if school is None:
        raise NotFound()
    return school


def province_visible_to(actor: Actor, code: str | None = None) -> Province:
    """The province whose modules are read: one's own; operators name it by code. Raises as school_visible_to()."""
    query = select(Province)
    if actor.kind in (SCHOOL, DEPARTMENT):
        query = query.join(School, School.province_id == Province.id).where(School.id == actor.school_id)
    elif actor.kind == PROVINCE:
        query = query.where(Province.id == actor.province_id)
    elif actor.kind != OPERATOR:
        raise Forbidden()
    if code is None and actor.kind == OPERATOR:
        raise NotFound(_("Please name the province by its code."))
    province = session.scalar(query if code is None else query.where(Province.code == code))
    if province is None:
        raise NotFound()
    return province


def schools_of(province_id: int) -> Sequence[School]:
    """The schools of a province, by code."""
    return session.scalars(select(School).where(School.province_id == province_id).order_by(School.code)).all()


def departments_of(school_id: int) -> list[Department]:
    """The departments on a school's roster, by name."""
    return list(session.scalars(select(Department).where(Department.school_id == school_id).order_by(Department.name)))


def departments_without_reviewer(school_id: int, cohort: int, module: str = "employment") -> list[str]:
    """Departments on the cohort's roster for which no active account has 读写 on the module (R3.3)."""
    # The roster is the room above; its table is enough to know which departments it names.
    graduates = Model.metadata.tables["graduates"].c
    on_roster = select(graduates.department_id).where(
        graduates.school_id == school_id, graduates.cohort == cohort, graduates.invalid_since.is_(None)
    )
    reviewer = (
        select(Account.id)
        .join(User, User.id == Account.user_id)
        .where(Account.kind == DEPARTMENT, Account.department_id == Department.id)
        .where(Account.modules[module].astext == READ_WRITE, User.active)
    )
    settled = Department.unsettled_since.is_(None)  # the school alone reviews who waits to be assigned
    query = select(Department.name).where(Department.id.in_(on_roster), settled, ~reviewer.exists())
    return list(session.scalars(query.order_by(Department.name)))
