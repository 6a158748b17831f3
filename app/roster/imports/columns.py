"""The columns of the roster's sheet in their order, how much it may hold, and how cells that are no text are taken."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.base.workbook import SheetKind
from app.codes.fields import Kind
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
_DAYS: Final = frozenset(field.name for field in SHEET if field.kind is Kind.DAY)
# A number in these cells is as good as the text: nothing can have been lost. Elsewhere Excel may have cut digits.
_SAFE_KINDS: Final = (Kind.CODE, Kind.REGION, Kind.YEAR, Kind.PHONE)
_SHORT: Final = 6
_NUMBERS_ARE_FINE: Final = frozenset(
    field.name for field in SHEET if field.kind in _SAFE_KINDS or (field.kind is Kind.TEXT and field.most <= _SHORT)
)

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
)


class WrongCell(Exception):
    """A cell whose kind of content cannot be taken; `text` says why and what to do."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.text = text


def text_of(field: str, cell: Any) -> str:
    """The cell as text; raises WrongCell. Numbers that may have lost digits are refused, never repaired."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        raise WrongCell(_("This cell holds TRUE or FALSE. Please write a text."))
    if isinstance(cell, int | float):
        return _of_number(field, float(cell))
    if field in _DAYS:
        return _of_day(cell)
    raise WrongCell(_("This cell holds a date or time. Please format it as text and write it again."))


def _of_number(field: str, number: float) -> str:
    if field not in _NUMBERS_ARE_FINE or not number.is_integer() or abs(number) >= 1e15:
        raise WrongCell(
            _(
                "This cell holds a number, which may have lost digits. "
                "Please format the column as text and write it again from the papers."
            )
        )
    return str(int(number))


def _of_day(cell: Any) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    raise WrongCell(_("Please give a date such as 2027-01-31."))
