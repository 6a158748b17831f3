"""By what the figures can be grouped: one entry a grouping; page, drill-down, downloads, API and order follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, false, select

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
    """A grouping of graduates: the expression over the roster, and all that is to be known of its values."""

    label: Any
    column: Any
    names: Names
    key: Callable[[str], Any] = str  # the value that an address names; ValueError for what cannot be one
    by_code: bool = False  # the lines stand in the order of their codes, not of their names
    alone: tuple[str, ...] = ()  # kinds of readers for whom there is one line of it, so that it tells them nothing
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


def _schools(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    query = select(SchoolRow.id, SchoolRow.code, SchoolRow.name).where(SchoolRow.id.in_(list(keys)))
    return {key: (code, name) for key, code, name in session.execute(query)}


def _departments(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    query = select(Department.id, Department.name).where(Department.id.in_(list(keys)))
    return {key: (str(key), name) for key, name in session.execute(query)}


def _levels(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    words = {"undergraduate": _("Undergraduate"), "postgraduate": _("Postgraduate")}
    return {key: (key, str(words.get(key, key))) for key in keys}


def as_written(keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    return {key: (str(key), str(key)) for key in keys}


def coded(table: str) -> Names:
    return lambda keys: {key: (str(key), codes.label(table, key)) for key in keys}


GROUPINGS: Mapping[str, Grouping] = {
    "school": Grouping(
        _("By school"), Graduate.school_id, _schools, row_key, True, (SCHOOL, DEPARTMENT), ("school", "department")
    ),
    "department": Grouping(
        _("By department"), Graduate.department_id, _departments, row_key, False, (DEPARTMENT,), ("department", "major")
    ),
    "level": Grouping(_("By level"), Graduate.level, _levels),
    "major": Grouping(_("By major"), Graduate.major, as_written),
    "sex": Grouping(_("By sex"), Graduate.sex, coded("sex")),
    "education": Grouping(_("By education"), Graduate.education, coded("education_level")),
    "training_mode": Grouping(_("By training mode"), Graduate.training_mode, coded("training_mode")),
    "ethnicity": Grouping(_("By ethnicity"), Graduate.ethnicity, coded("ethnicity")),
}


def first_grouping(actor: Actor) -> str:
    """What a reader is shown first: provinces their schools, schools their departments, departments their majors."""
    return {PROVINCE: "school", SCHOOL: "department", DEPARTMENT: "major"}.get(actor.kind, "school")


def groupings_for(actor: Actor) -> list[str]:
    """The groupings that tell this reader something: a school has one line by school, a department one of each."""
    return [name for name, grouping in GROUPINGS.items() if actor.kind not in grouping.alone]
