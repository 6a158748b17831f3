"""The fields of a student, from the platform's list of a graduate's fields: the one thing that both systems share."""

from __future__ import annotations

from typing import Final

from app.codes.fields import NOBODY, Field, Kind
from app.codes.graduate_fields import in_ems

KEY_FIELDS: Final = tuple(one.ems_key for one in in_ems() if one.editor is NOBODY)
# By what they are called here.
STUDENT: Final[dict[str, Field]] = {one.ems_key: one for one in in_ems() if one.editor is not NOBODY}
STUDENT_FIELDS: Final = tuple(STUDENT)
REQUIRED: Final = frozenset(name for name, one in STUDENT.items() if one.ems and one.ems.required)
DAYS: Final = frozenset(name for name, one in STUDENT.items() if one.kind is Kind.DAY)
STUDENT_LABELS: Final = {name: one.label for name, one in STUDENT.items()}
TABLES: Final = {
    **{name: one.table for name, one in STUDENT.items() if one.table},
    **{name: "region" for name, one in STUDENT.items() if one.kind is Kind.REGION},
}
# More than the platform takes: what is odd here is its to refuse.
_MOST_OF_CODES, _MOST = 20, 500


def most_of(name: str) -> int:
    """How many characters a field may have."""
    return _MOST_OF_CODES if name in TABLES else _MOST
