"""Reads a tagged paper back in the order of its tags, as it is read aloud, and compares it with what it was to say."""

from __future__ import annotations

import ctypes
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as raw

from app.documents.errors import DocumentRejected
from app.documents.lasting.records import LEFTWARD, bare, is_leftward
from app.documents.readback import first_difference

ONE_AT_A_TIME: Final = threading.Lock()  # the library bears no two threads
_SAME_LINE: Final = 4.0  # points between two heights of one line
_FIGURES: Final = re.compile(r"\d+(?:[.,:/]\d+)*")
_MARKS: Final = re.compile(r"[^\w\s]")
_HYPHEN: Final = 2  # what the library makes of one at the end of a line


def accept(pdf: bytes, wanted: str, codes: Sequence[str], page: str, mark: str = "") -> None:
    """Compare what a tagged paper says, in the order in which it is read aloud, with what it was to say.

    Beside the text each page bears its own of `codes`, its number, as `page` words it, and the `mark`.
    Raises DocumentRejected naming the first difference.
    """
    with ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            read = [_tagged(page) for page in document]
        finally:
            document.close()
    found, wanted = bare("".join(text for text, _beside in read)), bare(wanted)
    if LEFTWARD.search(wanted):
        found, wanted = _without_sides(found), _without_sides(wanted)
    if found != wanted:
        raise DocumentRejected(first_difference(wanted, found))
    for number, (_text, beside) in enumerate(read, 1):
        for part in (codes[number - 1], bare(page.format(page=number, pages=len(read))), bare(mark)):
            if part not in bare(beside):
                raise DocumentRejected(first_difference(part, bare(beside)))


def end_of(pdf: bytes, words: str) -> tuple[int, float]:
    """Where a paper ends: its last page, counted from 0, and in points the upper edge of the last `words` on it."""
    with ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            text = document[len(document) - 1].get_textpage()
            first = text.search(words).get_next()
            return len(document) - 1, text.get_charbox(first[0])[3] if first else 0.0
        finally:
            document.close()


def _tagged(page: pypdfium2.PdfPage) -> tuple[str, str]:
    """What a page says in the order of its tags, and what stands beside that: headers, footers."""
    parts: dict[int, list[tuple[str, int]]] = {}
    text = page.get_textpage()  # alive as long as it is read
    for mark, sign, at in _signs(text.raw):
        parts.setdefault(mark, []).append((sign, at))
    said = {mark: "".join(sign for sign, _at in signs) for mark, signs in parts.items()}
    if any(map(LEFTWARD.search, said.values())):
        said = {mark: _in_order(text.raw, signs) for mark, signs in parts.items()}
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    try:
        tops = [raw.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(raw.FPDF_StructTree_CountChildren(tree))]
        order = [mark for top in tops for mark in _marks(top)]
    finally:
        raw.FPDF_StructTree_Close(tree)
    return "".join(said.get(mark, "") for mark in order if mark >= 0), said.get(-1, "")


def _in_order(text: Any, signs: list[tuple[str, int]]) -> str:
    """What one tag says on a page with letters that run to the left, by the places where its signs stand.

    The library guesses the direction of each line as a whole and moves marks, figures and words about. On paper a line
    is read from the left, and within it what runs to the left from the right, its figures again from the left.
    """
    x, y = ctypes.c_double(), ctypes.c_double()
    placed = []
    for sign, at in signs:
        raw.FPDFText_GetCharOrigin(text, at, x, y)
        placed.append((-y.value, x.value, sign, at))
    lines: list[list[tuple[float, str, int]]] = []
    below = float("-inf")
    for depth, left, sign, at in sorted(placed):
        if depth - below > _SAME_LINE:
            lines.append([])
            below = depth
        lines[-1].append((left, sign, at))
    return "".join(LEFTWARD.sub(_from_the_right, _line(signs)) for signs in lines)


def _without_sides(text: str) -> str:
    """The text with marks in one form, brackets without a side: between words that run to the left the library gives
    the mirrored mark, and a half one for a full one. Letters and figures stay as they are.
    """
    return _MARKS.sub(
        lambda mark: "|" if unicodedata.mirrored(mark[0]) else unicodedata.normalize("NFKC", mark[0]), text
    )


def _line(signs: list[tuple[float, str, int]]) -> str:
    """The signs from the left; of those that share a place, as a ligature has them, the last first where it runs so."""
    return "".join(
        sign
        for _left, _turn, sign in sorted((left, -at if is_leftward(sign) else at, sign) for left, sign, at in signs)
    )


def _from_the_right(found: re.Match[str]) -> str:
    return _FIGURES.sub(lambda figures: figures[0][::-1], found[0][::-1])


def _marks(element: Any) -> Iterator[int]:
    for at in range(raw.FPDF_StructElement_CountChildren(element)):
        inner = raw.FPDF_StructElement_GetChildAtIndex(element, at)
        if inner:
            yield from _marks(inner)
        else:
            yield raw.FPDF_StructElement_GetChildMarkedContentID(element, at)


def _signs(text: Any) -> Iterator[tuple[int, str, int]]:
    """Each sign of a page with the mark of the tag that it belongs to, -1 where to none, and its place in the page."""
    before, mark, high = 0, -1, 0
    unicode_of, object_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetTextObject  # asked for each sign
    for at in range(raw.FPDFText_CountChars(text)):
        code = unicode_of(text, at)
        if 0xD800 <= code < 0xDC00:  # the first half of a sign beyond U+FFFF
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        if code > 0x20 or code == _HYPHEN:
            one = object_of(text, at)
            if not one:
                continue
            place = ctypes.addressof(one.contents)
            if place != before:
                before, mark = place, raw.FPDFPageObj_GetMarkedContentID(one)
            yield mark, "-" if code == _HYPHEN else chr(code), at
