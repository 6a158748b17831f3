"""Reads a finished PDF back and compares it with the page it was made from: what is not there is not signed."""

from __future__ import annotations

import io
from difflib import SequenceMatcher
from html.parser import HTMLParser

from pypdf import PdfReader

from app.documents.errors import DocumentRejected

_PAGE, _PAGES = "\ue000", "\ue001"  # stand for the page number and the page count until they are known
_NOT_TEXT = frozenset({"style", "title"})


def accept(pdf: bytes, html: str) -> None:
    """Compare the text of every page with the text that was to be printed, footers included.

    Raises DocumentRejected naming the first place where they differ: a lost character, a wrong face, a cut line.
    """
    expected = _Expected()
    expected.feed(html)
    pages = [_bare(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
    body = "".join(_without_footer(text, number, len(pages), expected.footer) for number, text in enumerate(pages, 1))
    wanted = _bare("".join(expected.body))
    if body != wanted:
        raise DocumentRejected(_first_difference(wanted, body))


class _Expected(HTMLParser):
    """The text of a page: its footer and all the rest, in the order of the source."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body: list[str] = []
        self.footer: list[str] = []
        self._skipped: str | None = None
        self._in_footer = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_TEXT:
            self._skipped = tag
        elif tag == "div":
            self._in_footer = ("id", "footer") in attrs
        elif tag in ("pdf:pagenumber", "pdf:pagecount"):
            self.footer.append(_PAGE if tag == "pdf:pagenumber" else _PAGES)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipped:
            self._skipped = None
        elif tag == "div":
            self._in_footer = False

    def handle_data(self, data: str) -> None:
        if self._skipped is None:
            (self.footer if self._in_footer else self.body).append(data)


def _bare(text: str) -> str:
    return "".join(text.split())


def _without_footer(text: str, number: int, count: int, footer: list[str]) -> str:
    wanted = _bare("".join(footer)).replace(_PAGES, str(count)).replace(_PAGE, str(number))
    if wanted not in text:
        raise DocumentRejected(_first_difference(wanted, text[: len(wanted)]))
    return text.replace(wanted, "", 1)


def _first_difference(wanted: str, found: str) -> str:
    for kind, start, end, other_start, other_end in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if kind != "equal":
            return f"“{wanted[max(start - 5, 0) : end + 5][:40]}” ≠ “{found[max(other_start - 5, 0) : other_end + 5][:40]}”"
    return "?"
