"""Students that come as JSON: the same rows as a sheet of the template has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid
from app.base.workbook import Sheet
from app.roster.imports.columns import FIELDS, HEADING_OF, HEADINGS

NAME: Final = "students.json"  # what such a batch is called in the place of a file
MOST: Final = 10_000
_FIELD_OF: Final = {**{name: name for name in FIELDS}, **{heading: name for name, heading in HEADING_OF.items()}}


def rows_of(sent: Any, school_code: str) -> bytes:
    """The students as rows, to be checked like a sheet; fields by their names or by the template's headings.

    Raises Invalid for what is no list of students, and for fields that the template does not have.
    """
    if not isinstance(sent, list) or not sent:
        raise Invalid({"students": [_("Please give a list of students.")]})
    if len(sent) > MOST:
        raise Invalid({"students": [_("At most %(most)s entries.", most=MOST)]})
    errors: dict[str, list[Any]] = {}
    rows = [_row(one, f"students.{place}", school_code, errors) for place, one in enumerate(sent)]
    if errors:
        raise Invalid(errors)
    return json.dumps([list(HEADINGS), *rows], ensure_ascii=False).encode()


def sheet_of(content: bytes) -> Sheet | None:
    """The rows of such a batch; None where it came as a file."""
    return Sheet(json.loads(content)) if content.startswith(b"[") else None


def _row(one: Any, place: str, school_code: str, errors: dict[str, list[Any]]) -> list[Any]:
    if not isinstance(one, Mapping):
        errors[place] = [_("This group of fields cannot be read. Please check it.")]
        return []
    values: dict[str, Any] = {"school": school_code}
    for name, value in one.items():
        field = _FIELD_OF.get(name)
        if field is None:
            errors[f"{place}.{name[:40]}"] = [_("The template has no such field.")]
        elif value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            errors[f"{place}.{name}"] = [_("This value cannot be read. Please check it.")]
        else:
            values[field] = value
    return [values.get(name) for name in FIELDS]
