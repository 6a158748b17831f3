"""Reads a finished PDF back and compares it with the page it was made from: what is not there is not signed."""

from __future__ import annotations

import io
from difflib import SequenceMatcher
from html.parser import HTMLParser

from pypdf import PdfReader
from pypdf.errors import PdfReadError

from app.documents.errors import DocumentRejected
from app.documents.numbering import NUMBER, is_agreement_number

_PAGE, _PAGES = "\ue000", "\ue001"  # stand for the page number and the page count until they are known
_NOT_TEXT = frozenset({"style", "title"})
_ON_EACH_PAGE = ("header", "footer")


def accept(pdf: bytes, html: str) -> None:
    """Compare the text of every page with the text that was to be printed, headers and footers included.

    Raises DocumentRejected naming the first place where they differ: a lost character, a wrong face, a cut line.
    """
    expected = _Expected()
    expected.feed(html)
    pages = [_bare(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
    for parts in expected.on_each_page.values():
        pages = [_without(text, number, len(pages), parts) for number, text in enumerate(pages, 1)]
    body = "".join(pages)
    wanted = _bare("".join(expected.body))
    if body != wanted:
        raise DocumentRejected(first_difference(wanted, body))


def number_on(pdf: bytes) -> str | None:
    """The agreement number that stands on the first page of a paper of ours; None where there is none."""
    try:
        text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    except (PdfReadError, IndexError, ValueError):
        return None
    return next(filter(is_agreement_number, NUMBER.findall(text)), None)


class _Expected(HTMLParser):
    """The text of a page: what stands on each page (header, footer), and all the rest, in the order of the source."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body: list[str] = []
        self.on_each_page: dict[str, list[str]] = {}
        self._skipped: str | None = None
        self._place: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_TEXT:
            self._skipped = tag
        elif tag == "div":
            self._place = next((name for name in _ON_EACH_PAGE if ("id", name) in attrs), None)
        elif tag in ("pdf:pagenumber", "pdf:pagecount"):
            self._written.append(_PAGE if tag == "pdf:pagenumber" else _PAGES)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipped:
            self._skipped = None
        elif tag == "div":
            self._place = None

    def handle_data(self, data: str) -> None:
        if self._skipped is None:
            self._written.append(data)

    @property
    def _written(self) -> list[str]:
        return self.on_each_page.setdefault(self._place, []) if self._place else self.body


def _bare(text: str) -> str:
    return "".join(text.split())


def _without(text: str, number: int, count: int, parts: list[str]) -> str:
    wanted = _bare("".join(parts)).replace(_PAGES, str(count)).replace(_PAGE, str(number))
    if wanted not in text:
        raise DocumentRejected(first_difference(wanted, text[: len(wanted)]))
    return text.replace(wanted, "", 1)


def first_difference(wanted: str, found: str) -> str:
    """The first place where two texts differ, with a few signs around it."""
    for kind, start, end, other_start, other_end in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if kind != "equal":
            return f"“{wanted[max(start - 5, 0) : end + 5][:40]}” ≠ “{found[max(other_start - 5, 0) : other_end + 5][:40]}”"
    return "?"
