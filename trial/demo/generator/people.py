"""Graduates of the generated country, as rows of the roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from app.base.crypto import blind_index
from app.base.sealed import stored
from app.codes.graduate_fields import columns
from app.roster.guards import DIRECTED
from app.roster.models import Graduate
from app.roster.services.intake import level_of
from trial.demo.generator.plan import DepartmentPlan, SchoolPlan, Season
from trial.demo.names import FEMALE, MALE, invented_ethnicity, invented_id_number, invented_mobile, invented_name

_SEALED: Final = tuple(field.name for field in columns() if field.encrypted)
_INDEXES: Final = {field.index_name: field.name for field in columns() if field.indexed}
COLUMNS: Final = (
    *("id", "province_id", "school_id", "department_id", "level", "confirmed_at", "invalid_since"),
    *("created_at", "updated_at", *(field.name for field in columns()), *_INDEXES),
)
# Fields for which nothing is invented below have their default, or nothing.
_NOTHING: Final = {field.name: field.default for field in columns()}

_FIRST_BIRTHDAY: Final = date(2001, 9, 1)
_BIRTHDAYS: Final = 1461
_BACHELOR, _MASTER, _DOCTOR, _COLLEGE = "31", "11", "01", "41"
_YEARS: Final = {_BACHELOR: 4, _MASTER: 3, _DOCTOR: 4, _COLLEGE: 3}
_CONFIRMED, _REMOVED = 0.8, 0.004


@dataclass(frozen=True, slots=True)
class Person:
    """A generated graduate: the row for the database and what the signings need of it in the clear."""

    id: int
    school: SchoolPlan
    department: DepartmentPlan
    cohort: int
    level: str
    education: str
    confirmed: bool
    removed_at: datetime | None
    values: dict[str, Any]

    @property
    def may_sign(self) -> bool:
        """Neither 21 nor 41 (R4.4)."""
        return self.values["training_mode"] not in DIRECTED

    def row(self, confirmed_at: datetime | None) -> list[Any]:
        """The row in the order of COLUMNS."""
        values = self.values
        row = {
            **values,
            **{name: stored(getattr(Graduate, name), values[name], self.id) for name in _SEALED if values[name]},
            **{index: blind_index(values[name]) for index, name in _INDEXES.items() if values[name]},
            "id": self.id,
            "province_id": self.school.province_id,
            "school_id": self.school.id,
            "department_id": self.department.id,
            "level": self.level,
            "updated_at": values["created_at"],
            "confirmed_at": confirmed_at,
            "invalid_since": self.removed_at,
        }
        return [row.get(name) for name in COLUMNS]


def invent_person(key: int, schools: Sequence[SchoolPlan], season: Season, rng: Random) -> Person:
    """One graduate of one of the schools; `key` is the row's id and makes the ID number and exam number unique."""
    school = schools[int(rng.random() * len(schools))]
    department = school.departments[int(rng.random() * len(school.departments))]
    education = _education(school, rng)
    sex = MALE if key % 2 else FEMALE
    birth = _FIRST_BIRTHDAY + timedelta(days=key // 2 % _BIRTHDAYS)
    name = invented_name(rng, sex)
    values = {
        **_NOTHING,
        "cohort": season.cohort,
        "exam_number": _exam_number(school, season.cohort - _YEARS[education], education, key),
        "student_number": f"{season.cohort - _YEARS[education]}{key:08d}",
        "name": name,
        "sex": sex,
        "ethnicity": invented_ethnicity(rng, name),
        "political_status": _weighted(rng, ("03", 0.75), ("01", 0.1), ("02", 0.05), ("13", 0.1)),
        "major": department.majors[int(rng.random() * len(department.majors))],
        "education": education,
        "duration": str(_YEARS[education]),
        "training_mode": _weighted(rng, ("1", 0.975), ("22", 0.01), ("21", 0.01), ("42", 0.003), ("41", 0.002)),
        "graduated_on": date(season.cohort, 6, 30),
        "origin_region": f"{school.province_code}0000",
        "hardship": _weighted(rng, ("0", 0.9), ("2", 0.06), ("1", 0.03), ("4", 0.01)),
        "normal_student": "2",
        "study_form": "1",
        "origin_kind": "1" if key % 3 else "2",
        "enrolled_in": f"{season.cohort - _YEARS[education]}-09",
        "email": f"s{key}@student.invalid",
        "address": f"梧桐里{key % 1000}号",
        "created_at": season.begin,
        "id_number": invented_id_number(rng, sex, birth, key // (2 * _BIRTHDAYS)),
        "mobile": invented_mobile(rng, key),
        "school": school.name,
        "department": department.name,
    }
    return Person(
        id=key,
        school=school,
        department=department,
        cohort=season.cohort,
        level=level_of(education),
        education=education,
        confirmed=rng.random() < _CONFIRMED,
        removed_at=season.end if rng.random() < _REMOVED else None,
        values=values,
    )


def _education(school: SchoolPlan, rng: Random) -> str:
    if school.is_college:
        return _COLLEGE
    return _weighted(rng, (_BACHELOR, 0.78), (_MASTER, 0.18), (_DOCTOR, 0.04))


def _exam_number(school: SchoolPlan, entry: int, education: str, key: int) -> str:
    if education in (_MASTER, _DOCTOR):
        return f"{school.code}{key:010d}"
    return f"{entry % 100:02d}{school.province_code}{key:010d}"


def _weighted(rng: Random, *choices: tuple[str, float]) -> str:
    chance = rng.random()
    for value, weight in choices:
        chance -= weight
        if chance < 0:
            return value
    return choices[0][0]
