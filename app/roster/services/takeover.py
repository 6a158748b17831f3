"""One student as the employment system has it, taken over into the platform's copy: field by field, each checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy import and_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.access.models import Account
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session
from app.base.errors import Invalid
from app.base.forms import statements_of
from app.base.values import id_documents
from app.base.wording import joined, labelled
from app.codes.fields import GRADUATE, NOBODY
from app.codes.forms import read
from app.codes.graduate_fields import field_named, in_ems
from app.codes.words import plain
from app.ems.messages import EmsStudent
from app.roster.forms import StudentForm
from app.roster.models import Graduate
from app.roster.services.intake import blind_indexes, level_of
from app.schools.departments.queries import known_departments
from app.schools.models import Department

# What a correction there may change here; key and school cannot.
FIELDS = tuple(field.name for field in in_ems() if field.editor is not NOBODY)
OWN = tuple(field.name for field in in_ems() if field.editor is GRADUATE)


def row_of(student: EmsStudent) -> dict[str, Any]:
    """The student as a row of StudentForm."""
    values = {field.name: plain(getattr(student, field.name)) for field in in_ems()}
    return {name: value for name, value in values.items() if value is not None}


def problem_of(student: EmsStudent) -> str | None:
    """Why a new student cannot come onto the roster as the employment system has it; None when nothing is wrong."""
    try:
        row = read(StudentForm, row_of(student))
    except Invalid as refused:
        return joined(labelled(label_of(name), texts[0]) for name, texts in refused.errors.items())
    if row["exam_number"] != student.exam_number:
        return str(_("An exam number has 10 to 20 letters and digits. Please check it."))
    return None


def label_of(name: str) -> str:
    """What people call a field."""
    field = field_named(name)
    return str(field.label) if field else name


def take_over(
    graduate: Graduate, student: EmsStudent, *, activated: bool, fields: Sequence[str] = FIELDS
) -> tuple[list[str], list[str]]:
    """Write what differs into the roster row, in the running transaction; a case's kept data are never touched (R4.6).

    `graduate` has its department loaded. What is the graduate's own once activated stays (R1.10).
    What the other system leaves empty is kept; what breaks a rule is kept too. Returns the fields that were written,
    and what is wrong with those that were not. Writes nothing to the database but a new department: the caller
    flushes, and lets the cases follow.
    """
    problems: list[str] = []
    written: list[str] = []
    for name in fields:
        if activated and name in OWN:
            continue
        value = getattr(student, name)
        old = graduate.department.name if name == "department" else getattr(graduate, name)
        if value is None or value == old or (name == "department" and _is_called(graduate, value)):
            continue
        try:
            clean = StudentForm().fields[name].deserialize(plain(value))
        except ValidationError as refused:
            problems.append(labelled(label_of(name), joined(statements_of(refused))))
            continue
        if clean != old:
            write_field(graduate, name, clean)
            written.append(name)
    return written, problems


def write_field(graduate: Graduate, name: str, value: Any) -> None:
    """Write one field that has been checked, with what follows from it; the caller flushes and lets the cases follow."""
    if name == "department":
        graduate.department = department_named(graduate.school_id, graduate.province_id, value)
        graduate.department_id = graduate.department.id
        return
    if name == "id_number":
        _move_account(graduate, value)
        graduate.id_type = id_documents.kind_of(value) or graduate.id_type
    if name == "education":
        graduate.level = level_of(value)
    for column, one in {name: value, **blind_indexes({name: value})}.items():
        setattr(graduate, column, one)


def department_named(school_id: int, province_id: int, name: str) -> Department:
    """The department that is called so; a new name waits to be assigned, as one of an import does."""
    known = known_departments(school_id).find(name)
    if known is None:
        row = {"school_id": school_id, "province_id": province_id, "name": name, "unsettled_since": clock.now()}
        session.execute(insert(Department).values(row).on_conflict_do_nothing())
    by = Department.id == known if known else and_(Department.school_id == school_id, Department.name == name)
    return session.scalars(select(Department).where(by)).one()


def _is_called(graduate: Graduate, name: str) -> bool:
    """Whether the other system calls the graduate's department by another of its names."""
    return known_departments(graduate.school_id).find(name) == graduate.department_id


def _move_account(graduate: Graduate, number: str) -> None:
    """The account goes along with a corrected ID number: one person = one account (R1.10)."""
    old, new = bytes(graduate.id_number_index), blind_index(number)
    others = select(Graduate.id).where(Graduate.id_number_index == old, Graduate.id != graduate.id)
    taken = select(Account.id).where(Account.person == new)
    if session.scalar(others) is None and session.scalar(taken) is None:
        session.execute(update(Account).where(Account.person == old).values(person=new))
