"""The sheets that people get: the empty template with notes and code lists, and the list of what was wrong."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.base.cohorts import current_cohort
from app.codes import queries as codes
from app.roster.imports.columns import HEADING_OF, HEADINGS, MOST_ROWS, SHEET, SHEET_NAME

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTH = 18


def template_sheet(school_code: str) -> bytes:
    """The template as xlsx: the headings of the interface, text cells, a sheet of notes and one of codes."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1, "num_format": "@"})
    text = book.add_format({"num_format": "@"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet(SHEET_NAME)
    sheet.set_column(0, len(HEADINGS) - 1, _WIDTH, text)
    for position, heading in enumerate(HEADINGS):
        sheet.write_string(0, position, heading, head)
    sheet.freeze_panes(1, 3)
    _write_notes(book.add_worksheet(_("Notes")), head, wrapped, school_code)
    _write_codes(book.add_worksheet(_("Codes")), head, text)
    book.close()
    return file.getvalue()


def error_sheet(problems: Iterable[Mapping[str, Any]], *, mark: Callable[[xlsxwriter.Workbook, Any], None]) -> bytes:
    """What was wrong, one line a problem: row, column, what to do; `mark` says in the book where it comes from."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1})
    sheet = book.add_worksheet(_("Wrong rows"))
    for position, (label, width) in enumerate(((_("Row"), 8), (_("Column"), 16), (_("What is wrong"), 80))):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, label, head)
    sheet.freeze_panes(1, 0)
    for line, problem in enumerate(problems, start=1):
        sheet.write_string(line, 0, str(problem["row"] or ""))
        sheet.write_string(line, 1, problem["column"] or "")
        sheet.write_string(line, 2, problem["message"])
    mark(book, sheet)
    book.close()
    return file.getvalue()


def notes(school_code: str) -> list[tuple[str, str]]:
    """What the notes sheet and the page say about each column: (heading, how to fill it in)."""
    required, optional = _("Required."), _("May stay empty; for students already on the roster the old value stays.")
    found = []
    for field in SHEET:
        note = str(field.sheet.note) % {"code": school_code, "year": current_cohort()} if field.sheet else ""
        words = note or (_("By code, see the sheet of codes.") if field.table else "")
        needed = required if field.required else optional
        found.append((HEADING_OF[field.name], " ".join(part for part in (words, needed) if part)))
    return found


def _write_notes(sheet: Any, head: Any, text: Any, school_code: str) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, _("Column"), head)
    sheet.write_string(0, 1, _("How to fill it in"), head)
    lines = [
        *notes(school_code),
        ("", _("Do not change the headings or their order. No merged cells.")),
        ("", _("At most %(most)s students in one sheet.", most=MOST_ROWS)),
        ("", _("Students who are not in the sheet stay as they are.")),
    ]
    for line, (heading, words) in enumerate(lines, start=1):
        sheet.write_string(line, 0, heading, text)
        sheet.write_string(line, 1, words, text)


def _write_codes(sheet: Any, head: Any, text: Any) -> None:
    for place, field in enumerate(field for field in SHEET if field.table):
        column = place * 3
        sheet.set_column(column, column, 8, text)
        sheet.set_column(column + 1, column + 1, 22, text)
        sheet.write_string(0, column, HEADING_OF[field.name], head)
        sheet.write_string(0, column + 1, _("Meaning"), head)
        chosen = [one for one in codes.choices(field.table or "") if one[0] not in field.split]
        for line, (code, label) in enumerate(chosen, start=1):
            sheet.write_string(line, column, code, text)
            sheet.write_string(line, column + 1, label, text)
