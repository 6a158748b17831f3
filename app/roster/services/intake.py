"""Taking graduates onto the roster, with the departments that they bring along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, tuple_

from app.access.actors import SCHOOL, Actor
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Forbidden, Invalid
from app.codes.forms import read
from app.codes.graduate_fields import columns
from app.roster.forms import StudentForm
from app.roster.models import Graduate
from app.schools.departments.queries import known_of_schools
from app.schools.models import Department, School

Row = Mapping[str, Any]


def add_graduates(rows: Sequence[Row], *, actor: Actor, queue: bool = False) -> list[Graduate]:
    """Add students to the roster, all or none; who is there already (考生号 in school and cohort) stays as is (R4.1).

    Called by school accounts with 读写 on employment for their own school, and by the program itself. A row has the
    fields of StudentForm. A department that nobody knows becomes one; with `queue` it waits to be assigned. Returns the
    graduates that are new. Raises Forbidden, Invalid with the errors at `row.field`, rows counted from 0.
    """
    if not (actor.is_system or (actor.writes("employment") and actor.may("can_import", "roster"))):
        raise Forbidden()
    with transaction():
        schools = _schools_of(rows)
        clean = _checked(rows, schools, actor)
        taken = _taken(clean, schools)
        new = [row for row in clean if (schools[row["school"]].id, row["cohort"], row["exam_number"]) not in taken]
        departments = _departments(new, schools, clock.now() if queue else None)
        graduates = [_graduate(row, schools[row["school"]], departments) for row in new]
        session.add_all(graduates)
        session.flush()
    return graduates


def level_of(education: str) -> str:
    """本专科 or 研究生, from the 学历 code: doctors (0…) and masters (1…) are postgraduates."""
    return "postgraduate" if education[0] in "01" else "undergraduate"


def _schools_of(rows: Sequence[Row]) -> dict[str, School]:
    codes = {str(row.get("school")) for row in rows}
    return {school.code: school for school in session.scalars(select(School).where(School.code.in_(codes)))}


def _checked(rows: Sequence[Row], schools: Mapping[str, School], actor: Actor) -> list[dict[str, Any]]:
    form, clean, errors = StudentForm(), [], {}
    for position, row in enumerate(rows):
        try:
            one = read(form, row)
        except Invalid as error:
            errors.update({f"{position}.{field}": texts for field, texts in error.errors.items()})
            continue
        school = schools.get(one["school"])
        if school is None or (actor.kind == SCHOOL and actor.school_id != school.id):
            errors[f"{position}.school"] = [_("This school is not within your scope.")]
        clean.append(one)
    if errors:
        raise Invalid(errors)
    return clean


def _taken(rows: Sequence[Row], schools: Mapping[str, School]) -> set[tuple[int, int, str]]:
    keys = [(schools[row["school"]].id, row["cohort"], row["exam_number"]) for row in rows]
    key = (Graduate.school_id, Graduate.cohort, Graduate.exam_number)
    return {tuple(found) for found in session.execute(select(*key).where(tuple_(*key).in_(keys)))}


def _departments(
    rows: Sequence[Row], schools: Mapping[str, School], unsettled_since: datetime | None
) -> dict[tuple[int, str], Department]:
    ids = {schools[row["school"]].id for row in rows}
    there = {one.id: one for one in session.scalars(select(Department).where(Department.school_id.in_(ids)))}
    known = known_of_schools(ids)
    departments: dict[tuple[int, str], Department] = {}
    for row in rows:
        school, name = schools[row["school"]], row["department"]
        if (school.id, name) in departments:
            continue
        found = there.get(known[school.id].find(name) or 0)
        if found is None:
            place = {"school_id": school.id, "province_id": school.province_id}
            found = Department(name=name, unsettled_since=unsettled_since, **place)
            session.add(found)
        departments[school.id, name] = found
    session.flush()
    return departments


def _graduate(row: Row, school: School, departments: Mapping[tuple[int, str], Department]) -> Graduate:
    values = {field.name: row[field.name] for field in columns()}
    return Graduate(
        **values,
        **blind_indexes(row),
        school=school,
        department=departments[school.id, row["department"]],
        province_id=school.province_id,
        level=level_of(row["education"]),
    )


def blind_indexes(row: Row) -> dict[str, bytes | None]:
    """The columns by which the encrypted values of a row are searched."""
    return {
        field.index_name: None if row[field.name] is None else blind_index(row[field.name])
        for field in columns()
        if field.indexed and field.name in row
    }
