"""The one reader of spreadsheets that people upload: nothing in a file can cost more than it may.

Whatever imports a sheet reads it here, and its cells by app/base/cells.py: no importer takes what another refuses.

A file is looked at twice: at once, by what it says of itself (refuse_other_files), and before it is read, by what it
really holds, since sizes and places may lie.
"""

from __future__ import annotations

import io
import resource
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from flask_babel import lazy_gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from app.base.cells import ERROR
from app.base.errors import TooLarge, UnsupportedMedia
from app.base.worksheets import Fault as Fault
from app.base.worksheets import Strings, Worksheet

_BOOK, _LINKS, _STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml"
_SMALL = _CHUNK = 1024 * 1024
_FEW = 5  # sheets that are looked at for the headings
_READING_MEMORY = 3 * 1024**3
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, CalamineError),
    *(KeyError, ValueError, EOFError, OSError),
)
_reading = threading.Lock()


@dataclass(frozen=True)
class SheetKind:
    """What sheets of a kind look like, and how much one may hold."""

    name: str  # of the sheet in the template; a file without one of that name is read at its first sheet
    most_rows: int  # below the headings
    most_bytes: int
    most_unpacked: int
    most_members: int
    longest_string: int  # bytes of one text that cells share
    headings: tuple[str, ...] = ()  # where their order is fixed: to say which column is meant
    marks: tuple[str, ...] = ()  # headings by which the list is known where no sheet has the template's name


@dataclass(frozen=True)
class Sheet:
    """All rows, the headings first; cells as text, number, flag, date, time, or ERROR. What is hidden is read too."""

    rows: list[list[Any]]
    hidden_rows: frozenset[int] = frozenset()  # as Excel counts them
    hidden_columns: tuple[str, ...] = ()  # by heading where their order is fixed, else by letter


def too_large(most_bytes: int) -> Any:
    """What is said of a file that has more bytes than it may."""
    return _("The file is larger than %(most)s MB. Please divide it.", most=most_bytes // 1024 // 1024)


def refuse_other_files(content: bytes, kind: SheetKind) -> None:
    """What can be said at once, before anybody looks into it.

    Raises TooLarge (the file, or what it says it unpacks to), UnsupportedMedia when it is no xlsx.
    """
    if len(content) > kind.most_bytes:
        raise TooLarge(too_large(kind.most_bytes))
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        members = []
    if _BOOK not in {member.filename for member in members}:
        raise UnsupportedMedia(_("This is not an xlsx file. Please use the template and save it as xlsx."), "not_xlsx")
    if len(members) > kind.most_members or sum(member.file_size for member in members) > kind.most_unpacked:
        raise TooLarge(_too_much())


def read_sheet(content: bytes, kind: SheetKind) -> Sheet:
    """The sheet with the template's name, else the first that has its headings, else the first that is seen.

    Raises Fault for what makes the sheet unreadable: a formula whose result is not in the file, merged cells, too many
    rows or columns, a file that unpacks to more than it says, one that cannot be read.
    """
    try:
        return _read(content, kind)
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


def filled(rows: Sequence[Sequence[Any]]) -> list[tuple[int, Sequence[Any]]]:
    """The rows below the headings that hold anything, with their numbers as Excel shows them; blanks are nothing."""
    return [
        (number, row)
        for number, row in enumerate(rows[1:], start=2)
        if any(not isinstance(cell, str) or cell.strip() for cell in row if cell)
    ]


def _read(content: bytes, kind: SheetKind) -> Sheet:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = _sheets(archive, _members(archive), kind.name)
        looks = {member: Worksheet(kind.most_rows, kind.headings) for member in sheets.values()}
        faults = _look_through(archive, looks, kind)
    with _memory_limited():
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for place, member in sheets.items():
            if member not in faults and _has_marks(page := book.get_sheet_by_index(place), kind.marks):
                return _taken(page, looks[member])
        place, member = next(iter(sheets.items()))
        if member in faults:
            raise faults[member]
        return _taken(book.get_sheet_by_index(place), looks[member])


def _has_marks(page: CalamineSheet, marks: Sequence[str]) -> bool:
    heads = {str(cell).strip() for row in page.to_python(skip_empty_area=False, nrows=1) for cell in row}
    return sum(mark in heads for mark in marks) * 2 >= len(marks)


def _taken(page: CalamineSheet, look: Worksheet) -> Sheet:
    rows: list[list[Any]] = page.to_python(skip_empty_area=False)
    for place in look.errors:  # the reader shows them as nothing
        row, column = (place >> 16) - 1, (place & 0xFFFF) - 1
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = ERROR
    return Sheet(rows, frozenset(look.hidden_rows), tuple(look.hidden_columns))


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """By lower-case name, as the reader finds them; two of one name would be one to look at and one to read."""
    members = {member.filename.lower(): member for member in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise ValueError("two members of one name")
    return members


def _sheets(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> dict[int, str]:
    """Position and member of the sheet with the template's name, else of the first few that are seen."""
    book = ElementTree.fromstring(_small(archive, members[_BOOK]))  # noqa: S314 - expat itself stops entity bombs
    links = ElementTree.fromstring(_small(archive, members[_LINKS]))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    # By local names: the strict form of the format has other namespaces.
    sheets = [*enumerate(one for one in book.iter() if _local(one.tag) == "sheet")]
    if not sheets:
        raise ValueError("no sheet")
    named = [pair for pair in sheets if (pair[1].get("name") or "").strip() == name]
    seen = [pair for pair in sheets if pair[1].get("state", "visible") == "visible"] or sheets
    found = {}
    for place, sheet in named[:1] or seen[:_FEW]:
        target = targets[next(value for key, value in sheet.items() if key.startswith("{") and _local(key) == "id")]
        member = members[target.lstrip("/").lower() if target.startswith("/") else f"xl/{target}".lower()]
        found[place] = member.filename
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _small(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as stream:
        content = stream.read(_SMALL + 1)
    if len(content) > _SMALL:
        raise ValueError("too large for what it is")
    return content


def _look_through(archive: zipfile.ZipFile, sheets: dict[str, Worksheet], kind: SheetKind) -> dict[str, Fault]:
    """Unpack every member once without keeping it; returns which of these sheets cannot be taken, and why."""
    left, faults = kind.most_unpacked, dict[str, Fault]()
    for member in archive.infolist():
        name = member.filename
        look = sheets.get(name) or (Strings(kind.longest_string) if name.lower() == _STRINGS else None)
        for chunk in _unpacked(archive, member):
            left -= len(chunk)
            if left < 0:
                raise Fault(_too_much())
            if look is not None and name not in faults:
                _see(look, chunk, name, faults)
        if look is not None and name not in faults:
            _see(look, None, name, faults)
    return faults


def _see(look: Worksheet | Strings, chunk: bytes | None, name: str, faults: dict[str, Fault]) -> None:
    try:
        look.end() if chunk is None else look.see(chunk)
    except Fault as fault:
        if isinstance(look, Strings):
            raise
        faults[name] = fault


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the size that the archive claims; a longer member then has another checksum: BadZipFile.
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _too_much() -> Any:
    return _("The file unpacks to far more than such a list holds. Please use the template.")


@contextmanager
def _memory_limited() -> Iterator[None]:
    """A file that is made to fill the memory ends its own reader, not the machine; one reader at a time."""
    with _reading:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        with open("/proc/self/statm", encoding="ascii") as status:
            now = int(status.read().split()[0]) * resource.getpagesize()
        wanted = now + _READING_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
