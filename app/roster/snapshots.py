"""A graduate's data as they stand at one moment, for cases that must not change with the roster."""

from __future__ import annotations

from typing import Any

from app.codes.fields import CASE, Field
from app.codes.graduate_fields import FIELDS, fields_in
from app.codes.words import plain
from app.roster.models import Graduate

# What 获取最新学生信息 may take over at approval; the rest only a new case can change (R4.5).
REFRESHABLE = tuple(field.name for field in FIELDS if field.refreshable)


def value_of(graduate: Graduate, field: Field) -> Any:
    """What the roster has in a field; of school and department the name."""
    value = getattr(graduate, field.name)
    return value.name if field.related else value


def student_facts(graduate: Graduate) -> dict[str, Any]:
    """The codes and texts that a case keeps of a roster row, as plain JSON. It holds ID number and mobile: encrypt it."""
    kept = {field.name: plain(value_of(graduate, field)) for field in fields_in(CASE)}
    return {**kept, "school_code": graduate.school.code}


def facts_of(case: Any) -> dict[str, Any]:
    """The student's data as the case keeps them from its submission; before that, as the roster has them now (R4.6)."""
    return {**student_facts(case.graduate), **(case.student or {})}
