"""Looks into an uploaded xlsx before anything is made of it, and reads its rows: nothing in it can cost more than it may."""

from __future__ import annotations

import io
import re
import resource
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

from flask_babel import lazy_gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from app.base.errors import TooLarge, UnsupportedMedia
from app.roster.imports import limits
from app.roster.imports.columns import HEADINGS, SHEET_NAME

_WORKBOOK, _STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SMALL = 1024 * 1024
_CHUNK = 1024 * 1024
_TAIL = 512
_READING_MEMORY = 3 * 1024**3
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, CalamineError),
    *(KeyError, ValueError, EOFError, OSError),
)

_WIDE = re.compile(rb' r="([A-Z]{2,4})([0-9]{1,8})"')
_ROW = re.compile(rb'[<:]row\b[^>]*?\br="([0-9]{1,9})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})([0-9]{1,9})"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,4})([0-9]{1,9})')


class Fault(Exception):
    """Why the sheet as a whole cannot be taken; `row` and `column` say where, if anywhere."""

    def __init__(self, text: Any, row: int | None = None, column: str = "") -> None:
        super().__init__()
        self.text, self.row, self.column = text, row, column


def refuse_other_files(content: bytes) -> None:
    """What can be said at once, before a worker looks at it.

    Raises TooLarge (the file, or what it says it unpacks to), UnsupportedMedia when it is no xlsx.
    """
    if len(content) > limits.MOST_BYTES:
        raise TooLarge(
            _("The file is larger than %(most)s MB. Please divide it.", most=limits.MOST_BYTES // 1024 // 1024)
        )
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        members = []
    if _WORKBOOK not in {member.filename for member in members}:
        raise UnsupportedMedia(_("This is not an xlsx file. Please use the template and save it as xlsx."), "not_xlsx")
    if len(members) > limits.MOST_MEMBERS or sum(member.file_size for member in members) > limits.MOST_UNPACKED:
        raise TooLarge(_too_much())


def read_rows(content: bytes) -> list[list[Any]]:
    """All rows of the students' sheet, the headings first; cells as text, number, flag, date or time.

    Raises Fault for what no row can be blamed for: formulas, merged cells, too many rows or columns, a sheet that
    unpacks to more than it says, one that cannot be read.
    """
    try:
        return _read(content)
    except _UNREADABLE as error:
        raise Fault(
            _("The file cannot be read. Please open it in Excel, save it as xlsx and upload it again.")
        ) from error
    except (NotImplementedError, RuntimeError) as error:  # compressed in an odd way, or with a password
        raise Fault(_("The file is protected or packed in an unusual way. Please save it as a plain xlsx.")) from error
    except MemoryError as error:
        raise Fault(_too_much()) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # calamine's own, which cannot be imported
            raise
        raise Fault(_("The file is damaged. Please save it as xlsx again and upload it.")) from error


def _read(content: bytes) -> list[list[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place, name = _students_sheet(archive)
        _look_through(archive, name)
    with _memory_limited():
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(place)
        return sheet.to_python(skip_empty_area=False)


def _students_sheet(archive: zipfile.ZipFile) -> tuple[int, str]:
    """Position and member of the sheet with the template's name, else of the first one."""
    book = ElementTree.fromstring(_small(archive, _WORKBOOK))  # noqa: S314 - expat itself stops entity bombs
    links = ElementTree.fromstring(_small(archive, "xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = list(book.iter(f"{_MAIN}sheet"))
    if not sheets:
        raise ValueError("no sheet")
    place = next((number for number, sheet in enumerate(sheets) if sheet.get("name") == SHEET_NAME), 0)
    target = targets[sheets[place].get(_LINK)]
    return place, target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(_SMALL + 1)
    if len(content) > _SMALL:
        raise ValueError("too large for what it is")
    return content


def _look_through(archive: zipfile.ZipFile, sheet: str) -> None:
    """Unpack every member once without keeping it: sizes may lie, and some things calamine does not tell."""
    left = limits.MOST_UNPACKED
    for member in archive.infolist():
        look = _Sheet() if member.filename == sheet else _Strings() if member.filename == _STRINGS else None
        for chunk in _unpacked(archive, member):
            left -= len(chunk)
            if look is not None:
                look.see(chunk)
            if left < 0:
                raise Fault(_too_much())


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the size that the archive claims; a longer member then has another checksum: BadZipFile.
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


class _Sheet:
    """What is looked for in the students' sheet."""

    def __init__(self) -> None:
        self.rows = 0
        self.tail = b""
        self.row, self.formula = b"<row", b"<f"

    def see(self, chunk: bytes) -> None:
        """One piece; what lies across two pieces is found by the tail of the last."""
        text = self.tail + chunk
        if not self.rows and b":worksheet" in text[:_TAIL]:  # some programs write every tag with a prefix
            self.row, self.formula = b":row", b":f"
        self._refuse_long(text)
        self._refuse_wide(text)
        if self.formula in text:
            self._refuse_formulas(text)
        if b"mergeCell " in text:
            self._refuse_merged(text)
        self.tail = text[-_TAIL:]

    def _refuse_long(self, text: bytes) -> None:
        last = _ROW.match(text, max(0, text.rfind(self.row)))
        # Rows count up. Where a program leaves out their numbers, they are counted.
        self.rows = int(last[1]) if last else self.rows + text.count(self.row) - self.tail.count(self.row)
        if self.rows > limits.MOST_ROWS + 1:
            raise Fault(_too_many_rows(), limits.MOST_ROWS + 2)

    def _refuse_merged(self, text: bytes) -> None:
        merged = _MERGED.search(text)
        if merged is not None:
            raise Fault(
                _("The sheet has merged cells. Please unmerge them and fill every cell."),
                int(merged[2]),
                _heading(merged[1].decode()),
            )

    def _refuse_wide(self, text: bytes) -> None:
        wide = _WIDE.search(text)
        if wide is not None:
            raise Fault(
                _(
                    "There is something in column %(column)s, which the template does not have.",
                    column=wide[1].decode(),
                ),
                int(wide[2]),
                wide[1].decode(),
            )

    def _refuse_formulas(self, text: bytes) -> None:
        found = _FORMULA.search(text)
        if found is None:
            return
        cells = [*_CELL.finditer(text, max(0, found.start() - _TAIL), found.start())]
        row, column = (int(cells[-1][2]), _heading(cells[-1][1].decode())) if cells else (None, "")
        raise Fault(_("The sheet holds formulas. Please replace them by their values."), row, column)


class _Strings:
    """What is looked for in the texts that cells share: one long text used by every cell fills any memory."""

    def __init__(self) -> None:
        self.tail = b""

    def see(self, chunk: bytes) -> None:
        """One piece, with what was left open in the last."""
        parts = (self.tail + chunk).split(b"</si>")
        if max(map(len, parts)) > limits.LONGEST_STRING:
            raise Fault(_("A cell holds a text that is far too long."))
        self.tail = parts[-1]


def _heading(letters: str) -> str:
    """The heading of a column by its letter."""
    place = ord(letters) - ord("A") if len(letters) == 1 else len(HEADINGS)
    return HEADINGS[place] if place < len(HEADINGS) else letters


def _too_many_rows() -> Any:
    return _(
        "The sheet has more than %(most)s rows. Please divide it; if there are only empty rows below, delete them.",
        most=limits.MOST_ROWS,
    )


def _too_much() -> Any:
    return _("The file unpacks to far more than a roster holds. Please use the template and upload it again.")


@contextmanager
def _memory_limited() -> Iterator[None]:
    """A file that is made to fill the memory ends its own reader, not the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as status:
        now = int(status.read().split()[0]) * resource.getpagesize()
    wanted = now + _READING_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
