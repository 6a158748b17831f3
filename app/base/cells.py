"""How cells of a sheet become text: alike in every importer, in words where something may have been lost.

Spreadsheet programs keep 15 digits of a number and drop the zeros before it: a number is taken only where nothing can
have been lost, and never repaired.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import Enum, Flag, auto
from typing import Any, Final

from flask_babel import lazy_gettext as _


class _Error(Enum):
    SHOWN = auto()


ERROR: Final = _Error.SHOWN  # in the place of a cell that shows #N/A, #REF! and the like
_ERROR_TEXT = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)").fullmatch
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?Z?").fullmatch
_FIRST_SERIAL, _LAST_SERIAL = 7306, 73415  # the days from 1920 to 2100 as Excel counts them
_SERIAL_BEGIN = date(1899, 12, 30)
_MOST = 10**15


class Takes(Flag):
    """What a column takes beside text."""

    NOTHING = 0
    WHOLE = auto()  # numbers, where no zero can have stood before them
    FRACTION = auto()
    DAY = auto()


class WrongCell(Exception):
    """A cell whose kind of content cannot be taken; `text` says why and what to do."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.text = text


def is_error(cell: Any) -> bool:
    """Whether the cell shows an error such as #N/A, by itself or copied as text."""
    return cell is ERROR or (isinstance(cell, str) and "#" in cell and bool(_ERROR_TEXT(cell.strip())))


def text_of(cell: Any, takes: Takes = Takes.NOTHING) -> str:
    """The cell as text; raises WrongCell."""
    if is_error(cell):
        raise WrongCell(_("This cell shows an error such as #N/A. Please write the value itself."))
    if cell is None or isinstance(cell, str):
        midnight = _MIDNIGHT(cell) if cell and Takes.DAY in takes else None
        return midnight[1] if midnight else cell or ""
    if isinstance(cell, bool):
        raise WrongCell(_("This cell holds TRUE or FALSE. Please write a text."))
    if isinstance(cell, int | float):
        return _of_number(float(cell), takes)
    if Takes.DAY in takes:
        return _of_day(cell)
    raise WrongCell(_("This cell holds a date or time. Please format it as text and write it again."))


def _of_number(number: float, takes: Takes) -> str:
    if number.is_integer() and abs(number) < _MOST:
        if Takes.DAY in takes and _FIRST_SERIAL <= number <= _LAST_SERIAL:
            return (_SERIAL_BEGIN + timedelta(days=int(number))).isoformat()
        if takes & (Takes.WHOLE | Takes.DAY):
            return str(int(number))
    elif Takes.FRACTION in takes and not number.is_integer() and "e" not in str(number):
        return str(number)
    raise WrongCell(
        _(
            "This cell holds a number, which may have lost digits. "
            "Please format the column as text and write it again from the papers."
        )
    )


def _of_day(cell: Any) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    raise WrongCell(_("Please give a date such as 2027-01-31."))
