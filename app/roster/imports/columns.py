"""The columns of the roster's sheet in their order, how much it may hold, and which cells that are no text are taken."""

from __future__ import annotations

from typing import Final

from app.base.cells import Takes
from app.base.workbook import SheetKind
from app.codes.fields import Field, Kind
from app.codes.graduate_fields import in_sheet

SHEET: Final = in_sheet()
# The headings and their order are fixed by the interface.
HEADING_OF: Final = {field.name: field.sheet.heading for field in SHEET if field.sheet}
HEADINGS: Final = tuple(HEADING_OF.values())
FIELDS: Final = tuple(HEADING_OF)
NAMES_OF: Final = {field.name: (field.sheet.heading, *field.sheet.aliases) for field in SHEET if field.sheet}
LATER: Final = frozenset(field.name for field in SHEET if field.sheet and field.sheet.later)
SHEET_NAME: Final = "学生名单"

# Field -> the code table its column takes.
TABLES: Final = {field.name: field.table for field in SHEET if field.table}
OPTIONAL: Final = tuple(field.name for field in SHEET if not field.required)
# A number in these cells is as good as the text: nothing can have been lost. Elsewhere Excel may have cut digits.
_SAFE_KINDS: Final = (Kind.CODE, Kind.REGION, Kind.YEAR, Kind.PHONE)
_SHORT: Final = 6


def _takes(field: Field) -> Takes:
    if field.kind is Kind.TEXT and field.most <= _SHORT:
        return Takes.WHOLE | Takes.FRACTION
    if field.kind is Kind.DAY:
        return Takes.DAY
    return Takes.WHOLE if field.kind in _SAFE_KINDS else Takes.NOTHING


TAKES: Final = {field.name: _takes(field) for field in SHEET}

# Beyond this a sheet is refused in words before it costs anything.
MOST_ROWS: Final = 100_000
MOST_BYTES: Final = 20 * 1024 * 1024  # a sheet of 100,000 students is 9 to 12 MiB
MOST_UNPACKED: Final = 400 * 1024 * 1024  # the same sheet unpacked is 95 to 130 MiB
MOST_MEMBERS: Final = 200
LONGEST_STRING: Final = 40_000  # bytes of one shared text; Excel's own limit is 32,767 characters

ROSTER: Final = SheetKind(
    SHEET_NAME,
    most_rows=MOST_ROWS,
    most_bytes=MOST_BYTES,
    most_unpacked=MOST_UNPACKED,
    most_members=MOST_MEMBERS,
    longest_string=LONGEST_STRING,
    headings=HEADINGS,
    marks=HEADINGS,
)
