"""By what a list of cases can be ordered: every column that it shows, as far as the reader's rows can be sorted at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import inspect, select

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL
from app.roster.models import Graduate
from app.schools.models import Department, School

_OWN = ("state_word", "level_word", "number", "cohort", "created_at", "updated_at")
# Who reads one school has few rows, each of which may be looked up beside; a province sorts by what cases hold themselves.
_MAY: Mapping[str, Callable[[str], bool]] = {
    SCHOOL: lambda _name: True,
    DEPARTMENT: lambda _name: True,
    PROVINCE: lambda name: name in _OWN,
}


def case_orders(model: Any) -> Mapping[str, Any]:
    """What each column of a list of this model is ordered by, as far as it is another expression than its own."""
    columns = {"state_word": model.state, "level_word": model.level}
    beside: dict[str, Any] = {
        **{name: _of(Graduate, model.graduate_id, name) for name in ("exam_number", "student_number", "major")},
        "graduate_name": _of(Graduate, model.graduate_id, "name"),
        "department": _of(Department, model.department_id, "name"),
        "school": _of(School, model.school_id, "name"),
    }
    employer = inspect(model).relationships.get("employer")
    if employer is not None:
        beside["unit"] = _of(employer.mapper.class_, model.employer_id, "name")
    return columns | beside


def may_order(kind: str, name: str) -> bool:
    """Whether a reader of this kind is offered the order by this column."""
    return kind in _MAY and _MAY[kind](name)


def _of(target: Any, key: Any, name: str) -> Any:
    return select(getattr(target, name)).where(target.id == key).correlate(key.class_).scalar_subquery()
