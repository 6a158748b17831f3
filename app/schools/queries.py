"""What schools and provinces have set, for rules and pages."""

from __future__ import annotations

from sqlalchemy import select

from app.database import session
from app.schools.models import AgreementContact, Department, ProvinceModule, School, SchoolSetting


def setting_of(school_id: int, cohort: int, module: str = "employment") -> SchoolSetting | None:
    """The school's submitted setting for a cohort and module, or None while it has none."""
    return session.get(SchoolSetting, (school_id, cohort, module))


def settings_of(pairs: set[tuple[int, int]], module: str = "employment") -> dict[tuple[int, int], SchoolSetting]:
    """The settings of many (school, cohort) pairs with one statement."""
    query = select(SchoolSetting).where(
        SchoolSetting.module == module, SchoolSetting.school_id.in_({school for school, _ in pairs})
    )
    return {(row.school_id, row.cohort): row for row in session.scalars(query)}


def has_opened(province_id: int, module: str) -> bool:
    """Whether the province has opened the module; once opened it stays open (R2.2)."""
    query = select(ProvinceModule.id).where(ProvinceModule.province_id == province_id, ProvinceModule.module == module)
    return session.scalar(query) is not None


def contact_for(school_id: int, cohort: int, level: str) -> AgreementContact | None:
    """The agreement contact for a graduate of this level: the level's own, else the whole school's (R3.5)."""
    query = select(AgreementContact).where(
        AgreementContact.school_id == school_id,
        AgreementContact.cohort == cohort,
        AgreementContact.level.in_([level, "all"]),
    )
    found = {contact.level: contact for contact in session.scalars(query)}
    return found.get(level) or found.get("all")


def school_by_code(code: str) -> School | None:
    """The school of a five-digit code."""
    return session.scalar(select(School).where(School.code == code))


def school_by_name(name: str) -> School | None:
    """The school of exactly this name."""
    return session.scalar(select(School).where(School.name == name.strip()))


def departments_of(school_id: int) -> list[Department]:
    """The departments on a school's roster, by name."""
    return list(session.scalars(select(Department).where(Department.school_id == school_id).order_by(Department.name)))
