"""How much a sheet may hold; beyond it the sheet is refused in words before it costs anything."""

from __future__ import annotations

from typing import Final

from app.base.workbook import SheetKind
from app.roster.imports.columns import HEADINGS, SHEET_NAME

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
