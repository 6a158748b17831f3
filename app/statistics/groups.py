"""By what the figures can be grouped: one entry a grouping, with the column of the roster and the words for its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, Actor
from app.base.database import session
from app.codes import queries as codes
from app.roster.models import Graduate
from app.schools.models import Department
from app.schools.models import School as SchoolRow

# Key of a group -> (code, label): the code is what other systems know the group by.
Names = Callable[[Iterable[Any]], Mapping[Any, tuple[str, str]]]


@dataclass(frozen=True)
class Grouping:
    """A grouping of graduates: the expression over the roster, and what its values are called."""

    label: Any
    column: Any
    names: Names


def _schools(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    query = select(SchoolRow.id, SchoolRow.code, SchoolRow.name).where(SchoolRow.id.in_(list(keys)))
    return {key: (code, name) for key, code, name in session.execute(query)}


def _departments(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    query = select(Department.id, Department.name).where(Department.id.in_(list(keys)))
    return {key: (str(key), name) for key, name in session.execute(query)}


def _levels(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    words = {"undergraduate": _("Undergraduate"), "postgraduate": _("Postgraduate")}
    return {key: (key, str(words.get(key, key))) for key in keys}


def _as_written(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    return {key: (str(key), str(key)) for key in keys}


def _coded(table: str) -> Names:
    return lambda keys: {key: (str(key), codes.label(table, key)) for key in keys}


GROUPINGS: Mapping[str, Grouping] = {
    "school": Grouping(_("By school"), Graduate.school_id, _schools),
    "department": Grouping(_("By department"), Graduate.department_id, _departments),
    "level": Grouping(_("By level"), Graduate.level, _levels),
    "major": Grouping(_("By major"), Graduate.major, _as_written),
    "sex": Grouping(_("By sex"), Graduate.sex, _coded("sex")),
    "education": Grouping(_("By education"), Graduate.education, _coded("education_level")),
    "training_mode": Grouping(_("By training mode"), Graduate.training_mode, _coded("training_mode")),
    "ethnicity": Grouping(_("By ethnicity"), Graduate.ethnicity, _coded("ethnicity")),
}


def first_grouping(actor: Actor) -> str:
    """What a reader is shown first: provinces their schools, schools their departments, departments their majors."""
    return {PROVINCE: "school", SCHOOL: "department", DEPARTMENT: "major"}.get(actor.kind, "school")


def groupings_for(actor: Actor) -> list[str]:
    """The groupings that tell this reader something: a school has one line by school, a department one of each."""
    alone = {SCHOOL: ("school",), DEPARTMENT: ("school", "department")}.get(actor.kind, ())
    return [name for name in GROUPINGS if name not in alone]
