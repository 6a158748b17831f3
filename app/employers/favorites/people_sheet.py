"""The sheet of 学生名单导入模板: made as a template, and read so that no odd file costs more than it may (R6.3)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any, Final

import xlsxwriter
from flask_babel import lazy_gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from app.base.errors import Invalid, TooLarge, UnsupportedMedia
from app.base.wording import listed

# The interface of the sheet: heading -> what it is called in the program.
HEADINGS: Final = {"学生姓名": "name", "身份证号": "id_number", "毕业院校": "school"}
SHEET_NAME: Final = "学生名单导入模板"
MOST_ROWS: Final = 3000
MOST_BYTES: Final = 2 * 1024 * 1024
_MOST_UNPACKED: Final = 20 * 1024 * 1024
_MOST_MEMBERS: Final = 100
_LONGEST_STRING: Final = 2000  # bytes of one text that cells share
_LONGEST_CELL: Final = 200
_BOOK, _STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
_ROW, _CELL = re.compile(rb"<(?:\w+:)?row[\s>/]"), re.compile(rb"<(?:\w+:)?c[\s>/]")
# Where a cell says that it stands: the reader makes a table as large as the farthest one.
_NEAR = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*\s)?r="([A-Z])([0-9]{1,5})"')
_UNREADABLE = (zipfile.BadZipFile, zlib.error, CalamineError, KeyError, ValueError, EOFError, OSError)


def template() -> bytes:
    """The empty template as xlsx: three columns of text cells."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1, "num_format": "@"})
    sheet = book.add_worksheet(SHEET_NAME)
    sheet.set_column(0, len(HEADINGS) - 1, 24, text)
    for place, heading in enumerate(HEADINGS):
        sheet.write_string(0, place, heading, head)
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def read_people(content: bytes) -> list[dict[str, str]]:
    """Everybody on the sheet, with the number of the row; empty rows are left out.

    Raises TooLarge, UnsupportedMedia (no xlsx), Invalid at `file` (headings, nobody on it, damaged).
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(_("The file is larger than %(most)s MB. Please divide it.", most=MOST_BYTES // 1024 // 1024))
    _refuse_other_files(content)
    rows = _rows(content)
    places = _places(rows[0] if rows else [])
    people = []
    for number, row in enumerate(rows[1:], start=2):
        person = {name: _text(row[place]) if place < len(row) else "" for name, place in places.items()}
        if any(person.values()):
            people.append({"row": str(number), **person})
    if not people:
        raise _bad(_("There is nobody on the sheet. Please fill in one row for each graduate below the headings."))
    return people


def _refuse_other_files(content: bytes) -> None:
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        members = []
    if _BOOK not in {member.filename for member in members}:
        raise UnsupportedMedia(_("This is not an xlsx file. Please use the template and save it as xlsx."), "not_xlsx")
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNPACKED:
        raise TooLarge(_("The file unpacks to far more than such a list holds. Please use the template."))


def _rows(content: bytes) -> list[list[Any]]:
    try:
        _look_through(content)
        return (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except _UNREADABLE as error:
        raise _bad(
            _("The file cannot be read. Please open it in Excel, save it as xlsx and upload it again.")
        ) from error
    except (NotImplementedError, RuntimeError) as error:  # compressed in an odd way, or with a password
        raise _bad(_("The file is protected or packed in an unusual way. Please save it as a plain xlsx.")) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # calamine's own, which cannot be imported
            raise
        raise _bad(_("The file is damaged. Please save it as xlsx again and upload it.")) from error


def _look_through(content: bytes) -> None:
    """Refuse what would make the reader fill the memory: sizes may lie, and cells may stand far away."""
    left = _MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            with archive.open(member) as stream:
                text = stream.read(left + 1)
            left -= len(text)
            if left < 0:
                raise TooLarge(_("The file unpacks to far more than such a list holds. Please use the template."))
            if member.filename == _STRINGS and max(map(len, text.split(b"</si>"))) > _LONGEST_STRING:
                raise _bad(_("A cell holds a text that is far too long."))
            if member.filename.startswith("xl/worksheets/"):
                _refuse_wide(text)


def _refuse_wide(sheet: bytes) -> None:
    near = _NEAR.findall(sheet)
    rows = max([len(_ROW.findall(sheet)), *(int(row) for _column, row in near)])
    if rows > MOST_ROWS + 1:
        raise _bad(_("The sheet has more than %(most)s rows. Please divide it.", most=MOST_ROWS))
    if len(near) != len(_CELL.findall(sheet)):
        raise _bad(_("The sheet has more columns than the template. Please use the template."))


def _places(head: list[Any]) -> dict[str, int]:
    found = {HEADINGS[text]: place for place, cell in enumerate(head) if (text := _text(cell)) in HEADINGS}
    missing = [heading for heading, name in HEADINGS.items() if name not in found]
    if missing:
        raise _bad(
            _("The first row must hold the headings of the template; missing: %(names)s.", names=listed(missing))
        )
    return found


def _text(cell: Any) -> str:
    """A cell as text; a number has lost its last digits in Excel and will match nobody."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell if cell is not None else "").strip()[:_LONGEST_CELL]


def _bad(text: Any) -> Invalid:
    return Invalid({"file": [text]})
