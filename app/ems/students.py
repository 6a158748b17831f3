"""The platform's graduates as the employment system names them.

The roster is a room above this one, so nothing of it is imported: rows are taken as they come (StudentRow), and
where only an id is known its tables are read by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import select

from app.base.database import Model, session
from app.codes.graduate_fields import in_ems
from app.ems.messages import EmsStudent, StudentKey


class StudentRow(Protocol):
    """A graduate of the platform with all the fields of the list, school and department loaded."""

    cohort: Any
    exam_number: Any
    invalid_since: Any
    school: Any
    department: Any


_SAME_NAME = tuple(one.name for one in in_ems() if not one.related)


def key_of(graduate: StudentRow) -> StudentKey:
    """The graduate's key in the employment system."""
    return StudentKey(graduate.school.code, graduate.cohort, graduate.exam_number)


def student_of(graduate: StudentRow) -> EmsStudent:
    """The graduate as the platform would write it there."""
    return _student(graduate, graduate.school.code, graduate.department.name)


def key_of_id(graduate_id: int) -> StudentKey | None:
    """The key of a graduate by id; None when there is no such graduate."""
    graduates, schools = Model.metadata.tables["graduates"], Model.metadata.tables["schools"]
    row = session.execute(
        select(schools.c.code, graduates.c.cohort, graduates.c.exam_number)
        .join(schools, schools.c.id == graduates.c.school_id)
        .where(graduates.c.id == graduate_id)
    ).one_or_none()
    return None if row is None else StudentKey(*row)


def students_of_ids(graduate_ids: Iterable[int]) -> Sequence[tuple[str, EmsStudent]]:
    """School name and student of each graduate id, in the order of school, cohort and exam number."""
    return [(row.school_name, _student(row, row.school, row.department)) for row in _rows_of(graduate_ids)]


def students_by_id(graduate_ids: Iterable[int]) -> dict[int, EmsStudent]:
    """The student of each graduate id, in the same order; who does not exist is left out."""
    return {row.id: _student(row, row.school, row.department) for row in _rows_of(graduate_ids)}


def _rows_of(graduate_ids: Iterable[int]) -> Iterable[Any]:
    tables = Model.metadata.tables
    graduates, schools, departments = tables["graduates"], tables["schools"], tables["departments"]
    own = [graduates.c[name] for name in _SAME_NAME]
    return session.execute(
        select(
            graduates.c.id,
            schools.c.name.label("school_name"),
            schools.c.code.label("school"),
            departments.c.name.label("department"),
            graduates.c.invalid_since,
            *own,
        )
        .join(schools, schools.c.id == graduates.c.school_id)
        .join(departments, departments.c.id == graduates.c.department_id)
        .where(graduates.c.id.in_(list(graduate_ids)))
        .order_by(schools.c.code, graduates.c.cohort, graduates.c.exam_number)
    )


def _student(row: Any, school: str, department: str) -> EmsStudent:
    values = {"school": school, "department": department, **{name: getattr(row, name) for name in _SAME_NAME}}
    return EmsStudent(removed=row.invalid_since is not None, **values)
