"""The sheet of 学生名单导入模板: made as a template, and read; and the sheet of results (R6.3)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from flask_babel import lazy_gettext as _

from app.base.cells import WrongCell, text_of
from app.base.errors import Invalid
from app.base.wording import listed
from app.base.workbook import Fault, Sheet, SheetKind, filled, read_sheet, refuse_other_files
from app.web.sheets import Column, said_of

# The interface of the sheet: heading -> what it is called in the program.
HEADINGS: Final = {"学生姓名": "name", "身份证号": "id_number", "毕业院校": "school"}
SHEET_NAME: Final = "学生名单导入模板"
MOST_ROWS: Final = 3000
MOST_BYTES: Final = 2 * 1024 * 1024
KIND: Final = SheetKind(
    SHEET_NAME,
    most_rows=MOST_ROWS,
    most_bytes=MOST_BYTES,
    most_unpacked=20 * 1024 * 1024,
    most_members=100,
    longest_string=2000,
    marks=tuple(HEADINGS),
)
_LONGEST_CELL: Final = 200


def template() -> bytes:
    """The empty template as xlsx."""
    return text_sheet(SHEET_NAME, list(HEADINGS))


def text_sheet(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> bytes:
    """A sheet to be filled in and brought back, as xlsx: all its cells are texts, so that no number loses a digit."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1, "num_format": "@"})
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(headings) - 1, 24, text)
    for number, row in enumerate([headings, *rows]):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell, text if number else head)
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def read_people(content: bytes) -> list[dict[str, str]]:
    """Everybody on the sheet, with the number of the row; empty rows are left out.

    `column` and `refused` say what in a row cannot be read, `told` what is odd about it. Raises TooLarge,
    UnsupportedMedia (no xlsx), Invalid at `file` (headings, nobody on it, damaged).
    """
    refuse_other_files(content, KIND)
    try:
        sheet = read_sheet(content, KIND)
    except Fault as fault:
        raise _bad(placed(fault)) from fault
    places = places_in(sheet.rows[0] if sheet.rows else [], HEADINGS)
    people = [_person(number, row, places, sheet) for number, row in filled(sheet.rows)]
    people = [person for person in people if any(person.get(name) for name in (*HEADINGS.values(), "refused"))]
    if not people:
        raise _bad(_("There is nobody on the sheet. Please fill in one row for each graduate below the headings."))
    return people


def _person(number: int, row: Sequence[Any], places: dict[str, int], sheet: Sheet) -> dict[str, str]:
    person = {"row": str(number)}
    for heading, name in HEADINGS.items():
        try:
            person[name] = text_of(row[places[name]]).strip()[:_LONGEST_CELL]
        except WrongCell as wrong:  # what the cell shows is nothing that anybody typed
            person[name] = ""
            person.setdefault("column", heading)
            person.setdefault("refused", str(wrong.text))
    if number in sheet.hidden_rows:
        person["told"] = str(_("This row is hidden in the sheet, but was looked for."))
    return person


def placed(fault: Fault) -> Any:
    """The words with the place they are about, if any."""
    if not fault.row:
        return fault.text
    if not fault.column:
        return _("Row %(row)s: %(text)s", row=fault.row, text=fault.text)
    return _("Row %(row)s, column %(column)s: %(text)s", row=fault.row, column=fault.column, text=fault.text)


def places_in(head: Sequence[Any], headings: Mapping[str, str], optional: Sequence[str] = ()) -> dict[str, int]:
    """Where the columns stand, by what they are called in the program; raises Invalid at `file` where one is missing."""
    found = {headings[text]: place for place, cell in enumerate(head) if (text := str(cell or "").strip()) in headings}
    missing = [heading for heading, name in headings.items() if name not in found and heading not in optional]
    if missing:
        raise _bad(
            _("The first row must hold the headings of the template; missing: %(names)s.", names=listed(missing))
        )
    return found


def _bad(text: Any) -> Invalid:
    return Invalid({"file": [text]})


def result_columns() -> list[Column]:
    """What was sent, and what became of it."""

    def cell(name: str, heading: str, width: int) -> Column:
        return Column(heading, lambda item: item.payload.get(name, ""), width)

    sent = [cell(name, heading, 22) for heading, name in HEADINGS.items()]
    return [cell("row", _("Row"), 8), *sent, Column(_("Result"), said_of, 60)]
