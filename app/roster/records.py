"""The basic information of a graduate as pages and downloads tell it, by the list of fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from app.base.dates import day_text
from app.codes.fields import DETAIL, EXPORT, LIST, Field, Group, Kind, Place
from app.codes.graduate_fields import FIELDS, fields_in, in_sheet
from app.codes.words import in_full, in_words
from app.roster.models import Graduate
from app.roster.snapshots import value_of
from app.schools.departments.words import department_word
from app.web.sheets import Column

Rows = list[tuple[Any, Any]]


def word_of(graduate: Graduate, field: Field) -> Any:
    """What a page says of a field; a department that nobody has assigned yet says so."""
    if field.name == "department":
        return department_word(graduate.department)
    return shown(field, value_of(graduate, field))


def shown(field: Field, value: Any) -> Any:
    """A value in words, days as people say them."""
    return day_text(value) if field.kind is Kind.DAY else in_words(field, value)


def fact_rows(graduate: Graduate, place: Place, *, masked: bool = True) -> Rows:
    """(label, words) of the fields that stand there; masked ones stand apart on staff's pages (personal.py)."""
    fields = [field for field in fields_in(place) if masked or not field.masked]
    return [(field.label, word_of(graduate, field)) for field in fields]


def fact_groups(graduate: Graduate) -> Sequence[tuple[Any, Rows]]:
    """The same for the staff's page, under their titles; what is masked stands apart, see personal.py."""
    return [
        (
            group.value,
            [
                (field.label, word_of(graduate, field))
                for field in fields_in(DETAIL)
                if field.group is group and not field.masked
            ],
        )
        for group in Group
    ]


def list_columns() -> tuple[str, ...]:
    """The columns of the staff's list: who it is, then the rest."""
    who = ("name", "exam_number")
    return (*who, *(field.name for field in fields_in(LIST) if field.name not in who))


def cells() -> Mapping[str, Callable[[Graduate], Any]]:
    """How a list reads each field."""
    return {field.name: partial(word_of, field=field) for field in FIELDS}


def whole_cells() -> Mapping[str, Callable[[Graduate], Any]]:
    """How a download reads the masked ones for who may see them."""
    return {field.name: _reader(field, in_full) for field in FIELDS if field.masked}


def sheet_columns() -> list[Column]:
    """The columns of the download, in the order of the schools' sheet; what that does not have comes last."""
    exported = fields_in(EXPORT)
    ordered = [field for field in in_sheet() if field in exported] + [field for field in exported if not field.sheet]
    return [
        Column(field.label, _reader(field, in_words), 20, _reader(field, in_full) if field.masked else None)
        for field in ordered
    ]


def _reader(field: Field, words: Callable[[Field, Any], Any]) -> Callable[[Graduate], Any]:
    return lambda graduate: words(field, value_of(graduate, field))
