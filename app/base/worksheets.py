"""Looks through the XML of a worksheet, piece by piece, before the reader makes a table of it.

The reader's table is as large as the farthest cell, wherever a cell says that it stands; and it tells neither merged
cells nor formulas without a result, neither what is hidden nor which cells show an error.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

_ALPHABET = 26
_LONGEST_REST = 1024 * 1024  # bytes without a tag's end: no cell holds so much
_TAIL = 64 * 1024  # a cell with the longest formula

_NAME = rb"(?:[\w.-]+:)?"
_END = rb"(?=[\s/>])"
# Cells and rows as all common programs write them: columns A to Z or as far as headings go, the place first and once.
_ODD_CELL = rb'<c r="(?!%b[0-9]{1,7}"(?: (?:s|t|cm|vm|ph)="\w*+")*+/?>)'
_PLAIN_ROW = re.compile(rb'<row r="([0-9]{1,7})"(?: (?!r=)[\w:.-]+="[^"<>]*")*/?>')
_PREFIXED = re.compile(rb"<[\w.-]+:(?:c|row)" + _END)
# Whatever else is lawful, and what is not.
_ANY_TAG = re.compile(rb"<" + _NAME + rb"(?:c|row)" + _END)
_ATTRIBUTES = rb"""((?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*)"""
_TAG = re.compile(rb"<" + _NAME + rb"(c|row)" + _ATTRIBUTES + rb"\s*/?>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]*)["']""")
_NAMED_R = re.compile(rb"\sr\s*=")

# A cell with a formula and nothing, or an empty value, behind it.
_UNSTORED = re.compile(
    rb"<%bc\b([^<>]*)>\s*<%bf\b[^<>]*(?:/>|>[^<]*</%bf>)\s*(?:<%bv\s*/>|<%bv[^<>]*>\s*</%bv>)?\s*</%bc>"
    % ((_NAME,) * 7)
)
_TEXT_RESULT = re.compile(rb"""\st\s*=\s*["']str["']""")  # which may be an empty one
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_COLUMN = re.compile(rb"<" + _NAME + rb"col(\s[^<>]*)>")
_REACH = re.compile(rb"""\s(?:min|max)\s*=\s*["']([0-9]{1,5})["']""")
_MERGED = re.compile(rb'mergeCell\s[^<>]*?ref="([A-Z]{1,4})([0-9]{1,9})')


class Fault(Exception):
    """Why the sheet as a whole cannot be taken; `row` and `column` say where, if anywhere."""

    def __init__(self, text: Any, row: int | None = None, column: str = "") -> None:
        super().__init__()
        self.text, self.row, self.column = text, row, column


class Worksheet:
    """What is looked for in the sheet that is read."""

    def __init__(self, most_rows: int, headings: Sequence[str]) -> None:
        self.most_rows, self.headings = most_rows, headings
        alphabets = max(1, -(-len(headings) // _ALPHABET))
        self.most_columns = alphabets * _ALPHABET
        columns = b"[A-Z]" if alphabets == 1 else rb"[A-%c]?[A-Z]" % (ord("A") + alphabets - 2)
        self.odd_cell = re.compile(_ODD_CELL % columns)
        self.far_cell = re.compile(rb'<c r="%b([0-9]{%d,})"' % (columns, len(str(most_rows))))
        self.rest = self.tail = b""
        self.row = self.column = 0  # where the last cell stood
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[str] = []
        self.errors = array("Q")  # cells that show #N/A and the like: row * 2 ** 16 + column

    def see(self, chunk: bytes) -> None:
        """One piece; a tag that is cut is looked at with the next."""
        text = self.rest + chunk
        cut = text.rfind(b">") + 1
        self.rest = text[cut:]
        if len(self.rest) > _LONGEST_REST:
            raise Fault(_long_text())
        self._look(text[:cut])

    def end(self) -> None:
        """After the last piece."""
        self._look(self.rest)

    def _look(self, text: bytes) -> None:
        rows = _PLAIN_ROW.findall(text)
        if self._is_plain(text, len(rows)) and not (b"hidden" in text or b'"e"' in text or b"'e'" in text):
            if rows:
                self._go_to(int(rows[-1]))
            for row in (*rows, *self.far_cell.findall(text)):
                self._refuse_long(int(row))
        else:
            self._look_slowly(text)
        if b"mergeCell" in text:
            self._refuse_merged(text)
        if b"hidden" in text:
            self._note_columns(text)
        text = self.tail + text
        if b"<f" in text or b":f" in text:
            self._refuse_formulas(text)
        self.tail = text[-_TAIL:]

    def _is_plain(self, text: bytes, rows: int) -> bool:
        """Whether all cells are plain, and so many plain rows are all there are."""
        if self.odd_cell.search(text) or ((b":c" in text or b":row" in text) and _PREFIXED.search(text)):
            return False
        return _are_all(text, b"<c", text.count(b'<c r="')) and _are_all(text, b"<row", rows)

    def _look_slowly(self, text: bytes) -> None:
        tags = _TAG.findall(text)
        if len(tags) != len(_ANY_TAG.findall(text)):
            raise ValueError("a tag that is not written as tags are")
        for name, attributes in tags:
            places = _PLACE.findall(attributes)
            if len(places) != len(_NAMED_R.findall(attributes)) or len(places) > 1:
                raise ValueError("a place that cannot be understood")
            if name == b"row":
                self._go_to(int(places[0][1]) if places else self.row + 1)
                if _HIDDEN.search(attributes):
                    self.hidden_rows.add(self.row)
                continue
            if places:
                self._go_to(int(places[0][1]))
            self._stand_in(_number_of(places[0][0]) if places else self.column + 1)
            if _ERROR.search(attributes):
                self.errors.append(self.row << 16 | self.column)

    def _go_to(self, row: int) -> None:
        self._refuse_long(row)
        if row != self.row:
            self.row, self.column = row, 0

    def _stand_in(self, column: int) -> None:
        self.column = column
        self._refuse_wide(self.row, column)

    def _refuse_long(self, row: int) -> None:
        last = self.most_rows + 1  # with the headings
        if row > last:
            raise Fault(_too_many_rows(self.most_rows), last + 1)

    def _refuse_wide(self, row: int, column: int) -> None:
        if column > self.most_columns:
            letters = _letters(column)
            raise Fault(
                _("There is something in column %(column)s, which the template does not have.", column=letters),
                row,
                letters,
            )

    def _refuse_merged(self, text: bytes) -> None:
        merged = _MERGED.search(text)
        if merged is not None:
            raise Fault(
                _("The sheet has merged cells. Please unmerge them and fill every cell."),
                int(merged[2]),
                self._heading(merged[1].decode()),
            )

    def _note_columns(self, text: bytes) -> None:
        for attributes in _COLUMN.findall(text):
            reach = [int(end) for end in _REACH.findall(attributes)]
            if len(reach) == 2 and _HIDDEN.search(attributes):
                columns = range(min(reach), min(max(reach), self.most_columns) + 1)
                self.hidden_columns += [self._heading(_letters(column)) for column in columns]

    def _refuse_formulas(self, text: bytes) -> None:
        for attributes in _UNSTORED.findall(text):
            if _TEXT_RESULT.search(attributes):
                continue
            place = _PLACE.search(attributes)
            row, column = (int(place[2]), self._heading(place[1].decode())) if place else (None, "")
            raise Fault(
                _("This formula has no stored result. Please open the file in Excel, save it and upload it again."),
                row,
                column,
            )

    def _heading(self, letters: str) -> str:
        """What people call the column: its heading where their order is fixed, else its letter."""
        place = _number_of(letters.encode()) - 1
        return self.headings[place] if place < len(self.headings) else letters


class Strings:
    """What is looked for in the texts that cells share: one long text used by every cell fills any memory."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.rest = b""

    def see(self, chunk: bytes) -> None:
        """One piece, with what was left open in the last."""
        parts = re.split(rb"</" + _NAME + rb"si>", self.rest + chunk)
        if max(map(len, parts)) > self.longest:
            raise Fault(_long_text())
        self.rest = parts[-1]

    def end(self) -> None:
        """Nothing is left open that could be long."""


def _are_all(text: bytes, begin: bytes, plain: int) -> bool:
    """Whether there are no more tags of this very name; others, such as <cols, begin alike."""
    others = text.count(begin) - plain
    return not others or others == len(re.findall(begin + rb"(?![\s/>])", text))


def _number_of(letters: bytes) -> int:
    """1 for A, 27 for AA; no letters at all are column 0."""
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - ord("A") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _long_text() -> Any:
    return _("A cell holds a text that is far too long.")


def _too_many_rows(most: int) -> Any:
    return _(
        "The sheet has more than %(most)s rows. Please divide it; if there are only empty rows below, delete them.",
        most=most,
    )
