"""The body of a paper as blocks: what the frame sets, and what the finished file is compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final

from app.base.spelling import unshaped
from app.documents.typefaces import advance

_BLOCKS: Final = frozenset({"p", "h2", "h3"})
_CELLS: Final = frozenset({"th", "td"})
_BLANKS = re.compile(r"[ \t\n]+")
_WORD = re.compile(r"[0-9A-Za-z_.@\u00c0-\u052f\u0606-\u06ff\u0750-\u077f\u180b-\u18aa\u1e00-\u1eff]+")
_LINE_EM: Final = 38.0  # what a line of text holds
_EM, _INSET = 9.5 * 25.4 / 72, 3.0  # in a table: size of its type and what is left free beside it, in mm
_LINE: Final = "\u2028"  # a line end that is wanted; what people typed has none of these
BREAK: Final = "\u200b"  # where a word may be broken that no line can hold
_RIGHTWARD, _LEFTWARD_STILL = "\u200e", "\u200f"  # marks of direction, without a picture
_UNSEEN: Final = str.maketrans(dict.fromkeys((BREAK, _RIGHTWARD, _LEFTWARD_STILL)))
_LEFTWARD: Final = r"[\u0606-\u06ff\u0750-\u077f]"
# Words that run to the left, with the blanks and figures between them: the frame knows them by the same rule.
LEFTWARD: Final = re.compile(rf"{_LEFTWARD}+(?:[ .,:!0-9]+{_LEFTWARD}+)*")


def blocks_of(html: str) -> list[dict[str, Any]]:
    """The blocks of a body, in order; a section holds blocks of its own."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


def words_of(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """Every text of a body in the order in which it is read aloud."""
    for block in blocks:
        if block["t"] == "section":
            yield from words_of(block["blocks"])
        elif block["t"] == "table":
            yield from (cell["x"] for row in block["rows"] for cell in row["cells"])
        else:
            yield block["x"]


def bare(text: str) -> str:
    """The text as it is compared: without white space, and without what has no picture of its own."""
    return unshaped("".join(text.split()).translate(_UNSEEN))


def is_leftward(sign: str) -> bool:
    """Whether it is a letter that runs to the left."""
    return "\u0606" <= sign <= "\u06ff" or "\u0750" <= sign <= "\u077f"


def directed(text: str) -> str:
    """The text with each phrase that runs to the left by itself: Chinese marks and figures beside it stay where they are."""
    return LEFTWARD.sub(rf"{_RIGHTWARD}\g<0>{_LEFTWARD_STILL}{_RIGHTWARD}", text)


def breakable(text: str, most: float) -> str:
    """The text with places to break at in every word wider than `most` em; addresses break at their own signs."""
    return _WORD.sub(lambda found: _in_pieces(found[0], most), text)


def _in_pieces(word: str, most: float) -> str:
    widths = [advance(sign) for sign in word]
    if sum(widths) <= most:
        return word
    pieces, used = "", 0.0
    for sign, width in zip(word, widths, strict=True):
        if used + width > most:
            pieces, used = pieces + BREAK, 0.0
        pieces, used = pieces + sign, used + width
    return pieces


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[dict[str, Any]] = []
        self._outer: list[list[dict[str, Any]]] = []
        self._columns: list[float] = []
        self._ruled, self._in_table = "", False
        self._text: list[str] | None = None
        self._open: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS or tag in _CELLS:
            self._text, self._open = [], {"tag": tag, **given}
        elif tag == "br" and self._text is not None:
            self._text.append(_LINE)
        elif tag == "section":
            self._outer.append(self.blocks)
            self.blocks = []
        elif tag == "table":
            self._columns = [float(width) for width in given.get("data-columns", "42 124").split()]
            self._ruled, self._in_table = given.get("data-ruled", "all"), False
        elif tag == "tbody":
            self._begin_table()
        elif tag == "tr":
            if not self._in_table:
                self._begin_table()
            self.blocks[-1]["rows"].append({"cells": [], "height": float(given.get("data-height") or 0)})

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_block(tag)
        elif tag in _CELLS:
            self._end_cell()
        elif tag == "section":
            inner, self.blocks = self.blocks, self._outer.pop()
            self.blocks.append({"t": "section", "blocks": inner})

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _begin_table(self) -> None:
        table = {"t": "table", "columns": self._columns, "ruled": self._ruled, "goes_on": self._in_table, "rows": []}
        self.blocks.append(table)
        self._in_table = True

    def _end_block(self, tag: str) -> None:
        kind = self._open.get("class", "")
        as_typed = "verbatim" in kind
        text = breakable(self._taken(as_typed), _LINE_EM)
        look = "verbatim" if as_typed else "note" if "note" in kind else "text"
        self.blocks.append({"t": tag, "look": look, "x": text.replace("\xa0", "") if as_typed else text})

    def _end_cell(self) -> None:
        given, rows = self._open, self.blocks[-1]["rows"]
        span = int(given.get("colspan") or 1)
        first = sum(cell["columns"] for cell in rows[-1]["cells"])
        if len(rows) > 1 and any(cell["names"] for cell in rows[0]["cells"]):
            first += 1  # beside what names all these rows
        room = sum(self._columns[first : first + span])
        cell = {
            "x": breakable(self._taken(given["tag"] == "td"), (room - _INSET) / _EM),
            "head": given["tag"] == "th",
            "names": given.get("scope") == "rowgroup",
            "look": given.get("class", ""),
            "columns": span,
            "rows": int(given.get("rowspan") or 1),
        }
        rows[-1]["cells"].append(cell)

    def _taken(self, as_typed: bool) -> str:
        text, self._text = "".join(self._text or ()), None
        return directed((text if as_typed else _BLANKS.sub(" ", text).strip()).replace(_LINE, "\n"))
