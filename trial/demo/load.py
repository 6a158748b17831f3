"""Loads the demonstration country through the services; what is there already is left as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy import func, select

from app.access.accounts import account_named, create_account, hash_password
from app.access.actors import EMPLOYER, GRADUATE, MODULES, PROVINCE, SCHOOL, SYSTEM, Actor, load_actor
from app.base import clock
from app.base.cohorts import current_cohort, is_operable
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.codes.seeds import seed_codes
from app.codes.services import announce
from app.employers.favorites.services import add_favorite
from app.employers.services import add_unit_user, register_unit, unit_by_code
from app.ems.roster_push import post_roster
from app.notices.catalogue import load_templates
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.roster.services.intake import add_graduates
from app.schools.models import WHOLE_SCHOOL, Department, Province, School
from app.schools.queries import has_opened, setting_of
from app.schools.services import (
    PROVINCE_SETTINGS,
    SCHOOL_SETTINGS,
    add_province,
    add_school,
    open_province_module,
    save_school_setting,
)
from trial.demo import country, names
from trial.demo.country import GraduateData, SchoolData, StaffData, UnitData

_LOCK = 0x64656D6F  # one load at a time in a database


def load_country() -> list[Graduate]:
    """Bring the demonstration country into the database, in one transaction; any number of times.

    For the command line. Accounts, settings and graduates that are there stay as they are, whatever was done with
    them since. Returns the graduates that are new.
    """
    with transaction():
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        seed_codes()
        announce()
        load_templates()
        provinces = _load_provinces()
        schools = {
            one.code: add_school(one.code, one.name, provinces[one.province], actor=SYSTEM) for one in country.SCHOOLS
        }
        new = _load_roster(schools)
        if new:
            # By the outbox: the employment system need not be up yet, and is told once it is.
            post_roster((graduate.id for graduate in new), key=f"demonstration:{new[0].id}")
        password = hash_password(country.PASSWORD)
        load_staff(country.STAFF, schools, password, provinces)
        for code, _name, agreement_type in country.PROVINCES:
            _open_modules(provinces[code], agreement_type)
        for one in country.SCHOOLS:
            load_settings(one, schools[one.code], country.STAFF)
        for unit in country.UNITS:
            load_unit(unit, password)
        _load_graduate_accounts(password)
        _remove_the_removed(new)
        _load_favorites(new)
    return new


def _load_provinces() -> dict[str, Province]:
    return {code: add_province(code, name, actor=SYSTEM) for code, name, _agreement_type in country.PROVINCES}


def _open_modules(province: Province, agreement_type: str | None) -> None:
    actor = _staff_actor(country.STAFF, PROVINCE, province.code, ("can_open", PROVINCE_SETTINGS))
    for module in MODULES if agreement_type else ():
        if not has_opened(province.id, module):
            open_province_module(module, agreement_type, actor=actor)


def load_settings(data: SchoolData, school: School, staff: Iterable[StaffData]) -> None:
    """Open signing, archive and hukou of a school for this cohort and the last, as its own account does."""
    if data.review_mode is None or data.contact is None:
        return
    for cohort in (current_cohort(), current_cohort() - 1):
        if setting_of(school.id, cohort) is not None:
            continue
        actor = _staff_actor(staff, SCHOOL, school.code, ("can_save", SCHOOL_SETTINGS))
        if not is_operable(cohort):  # nobody sets anything any more for a season that is over
            actor = replace(SYSTEM, school_id=school.id)
        contact = dict(zip(("name", "phone", "address", "postcode"), data.contact, strict=True))
        settings = {"open": True, "review_mode": data.review_mode, "max_terminations": country.MAX_TERMINATIONS}
        for module in MODULES:
            of_signing = {"contacts": [{"level": WHOLE_SCHOOL, **contact}]} if module == "employment" else {}
            save_school_setting({**settings, **of_signing}, cohort, module, actor=actor)


def _staff_actor(staff: Iterable[StaffData], kind: str, code: str, permission: tuple[str, str]) -> Actor:
    """The account that works for a province or school; the roles may still be empty, so it is allowed just this."""
    data = next(one for one in staff if one.kind == kind and code in (one.province, one.school))
    account = account_named(data.username)
    assert account is not None
    return replace(load_actor(account.user_id), permissions=frozenset({permission}))


def _load_roster(schools: dict[str, School]) -> list[Graduate]:
    known = _known_people(country.GRADUATES)
    cohort = current_cohort()
    rows = [
        data.row(cohort, serial)
        for serial, data in enumerate(country.GRADUATES, start=1)
        if (schools[data.school].id, blind_index(data.id_number)) not in known
    ]
    return add_graduates(rows, actor=SYSTEM)


def _known_people(people: Iterable[GraduateData]) -> set[tuple[int, bytes]]:
    query = select(Graduate.school_id, Graduate.id_number_index)
    indexes = [blind_index(data.id_number) for data in people]
    return {
        (school, bytes(index)) for school, index in session.execute(query.where(Graduate.id_number_index.in_(indexes)))
    }


def account_of(code: str) -> str:
    """The name of an account that sees all of a generated school; it is made where there is none yet."""
    school = session.scalars(select(School).where(School.code == code)).one()
    data = StaffData(f"school{code}", names.invented_name(Random(code), names.FEMALE), SCHOOL, school=code)  # noqa: S311
    with transaction():
        load_staff([data], {code: school}, hash_password(country.PASSWORD))
    return data.username


def load_staff(
    staff: Iterable[StaffData], schools: dict[str, School], password: str, provinces: dict[str, Province] | None = None
) -> None:
    """Make the accounts of these people that are not there; departments come with their graduates."""
    for data in staff:
        if account_named(data.username) is not None:
            continue
        school = schools[data.school] if data.school else None
        province = provinces[data.province] if data.province and provinces else school.province if school else None
        create_account(
            username=data.username,
            name=data.name,
            kind=data.kind,
            password_hash=password,
            modules=country.ALL_MODULES,
            province_id=province.id if province else None,
            school_id=school.id if school else None,
            department_id=_department_id(school, data.department) if school and data.department else None,
            level="all" if data.kind == SCHOOL else None,
            actor=SYSTEM,
        )


def _department_id(school: School, name: str) -> int:
    query = select(Department.id).where(Department.school_id == school.id, Department.name == name)
    return session.scalars(query).one()


def load_unit(data: UnitData, password: str) -> None:
    """Register a unit with its users, as far as they are not there."""
    employer = unit_by_code(data.facts["uscc"])
    if employer is None:
        employer = register_unit(data.facts, verified=data.verified, actor=SYSTEM)
    for username, details in data.users:
        if account_named(username) is None:
            account = create_account(
                username=username,
                name=details["name"],
                kind=EMPLOYER,
                password_hash=password,
                employer_id=employer.id,
                actor=SYSTEM,
            )
            add_unit_user(account.user_id, employer, details, actor=SYSTEM)


def _load_graduate_accounts(password: str) -> None:
    for data in country.GRADUATES:
        if data.username is None or account_named(data.username) is not None:
            continue
        person = blind_index(data.id_number)
        query = select(Graduate).where(Graduate.id_number_index == person).order_by(Graduate.cohort.desc()).limit(1)
        settle_graduate(session.scalars(query).one(), data.username, password)


def settle_graduate(newest: Graduate, username: str, password: str, since: timedelta = timedelta()) -> int:
    """The account of one who has been here for long: the phone proven, the basic information confirmed `since` ago."""
    account = create_account(
        username=username,
        name=newest.name,
        kind=GRADUATE,
        password_hash=password,
        person=blind_index(newest.id_number),
        actor=SYSTEM,
    )
    confirmed_at = clock.now() - since
    account.mobile, account.mobile_since = newest.mobile, confirmed_at - timedelta(days=60)
    newest.confirmed_at = confirmed_at
    return account.user_id


def _remove_the_removed(new: list[Graduate]) -> None:
    removed = {data.name for data in country.GRADUATES if data.removed}
    for graduate in new:
        if graduate.name in removed:
            set_roster_presence(graduate.id, present=False, actor=SYSTEM)


def _load_favorites(new: list[Graduate]) -> None:
    username, numbers = country.FAVORITES_OF
    account, names = account_named(username), {graduate.name for graduate in new}
    assert account is not None
    # The roles may still be empty when the country is loaded; the unit's user is allowed just this.
    actor = Actor(
        kind=EMPLOYER,
        user_id=account.user_id,
        name=account.name,
        employer_id=account.employer_id,
        permissions=frozenset({("can_create", "favorites")}),
    )
    schools = {school.code: school.name for school in country.SCHOOLS}
    for data in country.GRADUATES:
        if data.number in numbers and data.name in names:
            add_favorite({"name": data.name, "id_number": data.id_number, "school": schools[data.school]}, actor=actor)
