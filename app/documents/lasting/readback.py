"""Reads a tagged paper back in the order of its tags, as it is read aloud, and compares it with what it was to say."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as raw

from app.documents.errors import DocumentRejected
from app.documents.lasting.records import bare
from app.documents.readback import first_difference

ONE_AT_A_TIME: Final = threading.Lock()  # the library bears no two threads
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
    parts: dict[int, list[str]] = {}
    text = page.get_textpage()  # alive as long as it is read
    for mark, sign in _signs(text.raw):
        parts.setdefault(mark, []).append(sign)
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    try:
        tops = [raw.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(raw.FPDF_StructTree_CountChildren(tree))]
        order = [mark for top in tops for mark in _marks(top)]
    finally:
        raw.FPDF_StructTree_Close(tree)
    return "".join(sign for mark in order if mark >= 0 for sign in parts.get(mark, ())), "".join(parts.get(-1, ()))


def _marks(element: Any) -> Iterator[int]:
    for at in range(raw.FPDF_StructElement_CountChildren(element)):
        inner = raw.FPDF_StructElement_GetChildAtIndex(element, at)
        if inner:
            yield from _marks(inner)
        else:
            yield raw.FPDF_StructElement_GetChildMarkedContentID(element, at)


def _signs(text: Any) -> Iterator[tuple[int, str]]:
    """Each sign of a page with the mark of the tag that it belongs to; -1 where it belongs to none."""
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
            yield mark, "-" if code == _HYPHEN else chr(code)
