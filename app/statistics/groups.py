"""By what the figures can be grouped: one entry a grouping; page, drill-down, downloads, API and order follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, false, func, select

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, Actor
from app.base.replicas import shown
from app.codes import queries as codes
from app.roster.models import Graduate
from app.schools.models import Department
from app.schools.models import School as SchoolRow
from app.statistics.records import CODE, post_fact, unit_fact, with_facts

_ROSTER: Any = Graduate

# Key of a group -> (code, label): the code is what other systems know the group by.
Names = Callable[[Iterable[Any]], Mapping[Any, tuple[str, str]]]


@dataclass(frozen=True)
class Grouping:
    """A grouping of graduates: the expression, and all that is to be known of its values.

    Those `of_case` are read from the graduate's current destination: only figures that join it can be grouped so.
    """

    label: Any
    column: Any
    names: Names
    key: Callable[[str], Any] = str  # the value whose code an address names; ValueError for what cannot be one
    by_code: bool = False  # the lines stand in the order of their codes, not of their names
    alone: tuple[str, ...] = ()  # kinds of readers for whom there is one line of it, so that it tells them nothing
    of_case: bool = False
    joined: Callable[[Select[Any]], Select[Any]] | None = None  # what the expression needs beside the destination
    leads: tuple[str, str] | None = None  # of a place: the parameter that narrows to it, the grouping that follows

    def is_value(self, text: str | None) -> ColumnElement[bool]:
        """The condition that a graduate stands in the line which an address names; None for that without a value."""
        if text is None:
            return self.column.is_(None)
        try:
            return self.column == self.key(text)
        except ValueError:
            return false()


def row_key(text: str) -> int:
    """The id of a school or department; 0, which none has, for what cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _school_key(code: str) -> Any:
    return select(SchoolRow.id).where(SchoolRow.code == code[:5]).scalar_subquery()


def _schools(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    query = select(SchoolRow.id, SchoolRow.code, SchoolRow.name).where(SchoolRow.id.in_(list(keys)))
    return {key: (code, name) for key, code, name in shown.execute(query)}


def _departments(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    query = select(Department.id, Department.name).where(Department.id.in_(list(keys)))
    return {key: (str(key), name) for key, name in shown.execute(query)}


def _levels(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    words = {"undergraduate": _("Undergraduate"), "postgraduate": _("Postgraduate")}
    return {key: (key, str(words.get(key, key))) for key in keys}


def as_written(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    return {key: (str(key), str(key)) for key in keys}


def coded(table: str) -> Names:
    return lambda keys: {key: (str(key), codes.label(table, key)) for key in keys}


def _regions(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    return {key: (key, codes.region_label(key) or key) for key in keys}


def _province(region: Any) -> Any:
    return func.rpad(func.left(region, 2), 6, "0")


def _city(region: Any) -> Any:
    return func.rpad(func.left(region, 4), 6, "0")


def _fact(label: Any, column: Any, names: Names) -> Grouping:
    return Grouping(label, column, names, by_code=True, of_case=True, joined=with_facts)


GROUPINGS: Mapping[str, Grouping] = {
    "school": Grouping(
        *(_("By school"), Graduate.school_id, _schools, _school_key, True, (SCHOOL, DEPARTMENT)),
        leads=("school", "department"),
    ),
    "department": Grouping(
        *(_("By department"), Graduate.department_id, _departments, row_key, False, (DEPARTMENT,)),
        leads=("department", "major"),
    ),
    "level": Grouping(_("By level"), Graduate.level, _levels),
    "major": Grouping(_("By major"), Graduate.major, as_written),
    "sex": Grouping(_("By sex"), Graduate.sex, coded("sex")),
    "education": Grouping(_("By education"), Graduate.education, coded("education_level")),
    "training_mode": Grouping(_("By training mode"), Graduate.training_mode, coded("training_mode")),
    "ethnicity": Grouping(_("By ethnicity"), Graduate.ethnicity, coded("ethnicity")),
    "origin": Grouping(_("By province of origin"), _province(Graduate.origin_region), _regions, by_code=True),
    "origin_city": Grouping(_("By city of origin"), _city(Graduate.origin_region), _regions, by_code=True),
    "hardship": Grouping(_("By hardship"), _ROSTER.hardship, coded("hardship_category"), by_code=True),
    "normal_student": Grouping(_("By teacher training"), _ROSTER.normal_student, coded("normal_student"), by_code=True),
    "destination": Grouping(_("By destination"), CODE, coded("destination"), by_code=True, of_case=True),
    "employer": _fact(_("By unit"), unit_fact("name", written="employer"), as_written),
    "employer_nature": _fact(_("By nature of the unit"), unit_fact("nature"), coded("employer_nature")),
    "employer_industry": _fact(_("By industry"), unit_fact("industry"), coded("employer_industry")),
    "employer_region": _fact(_("By province of the unit"), _province(unit_fact("region")), _regions),
    "employer_city": _fact(_("By city of the unit"), _city(unit_fact("region")), _regions),
    "job_category": _fact(_("By job category"), post_fact("category"), coded("job_category")),
}


def first_grouping(actor: Actor) -> str:
    """What a reader is shown first: provinces their schools, schools their departments, departments their majors."""
    return {PROVINCE: "school", SCHOOL: "department", DEPARTMENT: "major"}.get(actor.kind, "school")


def roster_groupings() -> list[str]:
    """Those that any figures can be grouped by: they need nothing but the roster."""
    return [name for name, grouping in GROUPINGS.items() if not grouping.of_case]


def groupings_for(actor: Actor, names: Iterable[str]) -> list[str]:
    """The groupings that tell this reader something: a school has one line by school, a department one of each."""
    return [name for name in names if actor.kind not in GROUPINGS[name].alone]
