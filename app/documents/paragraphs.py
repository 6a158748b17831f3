"""Paragraphs of Chinese text for the PDF library: correct line ends, both edges flush, no lone lines on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xhtml2pdf import context as _context
from xhtml2pdf import reportlab_paragraph as _library
from xhtml2pdf.xhtml2pdf_reportlab import PmlParagraph

from app.documents.linebreaks import SPACES, Line, break_lines, is_narrow

# A line that would have to be stretched by more than this share of an em between characters stays ragged.
_MOST_STRETCH = 0.25  # of the height of a sign: wider gaps are seen as holes


class ChineseParagraph(PmlParagraph):
    """The library's paragraph, with line breaking of our own wherever `-pdf-word-wrap: CJK` asks for it.

    The library's own one lets commas start a line, loses <br/>, measures every line by the first one's width and
    puts a blank at each line end of a paragraph that goes on overleaf.
    """

    allowWidows = 0  # noqa: N815 - names of the library
    allowOrphans = 0  # noqa: N815

    def breakLinesCJK(self, width: Any) -> Any:  # noqa: N802 - the library's name
        """Break the text into lines for these widths (first line, all others)."""
        widths = list(width) if isinstance(width, list | tuple) else [width]
        if getattr(self, "_splitpara", 0) and hasattr(self, "blPara"):
            return self.blPara
        return _lines_of(self.frags, widths, self.encoding)

    def _get_split_blParaFunc(self) -> Callable[..., list[Any]]:  # noqa: N802
        if self.style.wordWrap == "CJK":
            return lambda lines, start, stop: [word for line in lines.lines[start:stop] for word in line.words]
        return super()._get_split_blParaFunc()


def _lines_of(fragments: Sequence[Any], line_widths: Sequence[float], encoding: str) -> Any:
    entries = [
        _library.cjkU(character, fragment, encoding) for fragment in fragments for character in _characters(fragment)
    ]
    lines = break_lines(
        entries,
        [_width(entry) for entry in entries],
        [hasattr(entry.frag, "lineBreak") for entry in entries],
        line_widths,
    )
    made = []
    for number, line in enumerate(lines):
        room = line_widths[min(number, len(line_widths) - 1)]
        made.append(_drawable(entries[line.start : line.end], line, room))
    return _library.ParaLines(kind=1, lines=made)


def _characters(fragment: Any) -> list[str]:
    text = fragment.text
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    return list(str(text)) or [""]


def _width(entry: Any) -> float:
    width = entry.width
    return width.normalizedValue(0) if hasattr(width, "normalizedValue") else width


def _drawable(entries: Sequence[Any], line: Line, room: float) -> Any:
    drawn = _library.makeCJKParaLine(entries, room - line.used, False)
    drawn.lineBreak = line.forced
    count = len(entries)
    while count and entries[count - 1] in SPACES:
        count -= 1
    narrow = sum(1 for entry in entries[:count] if is_narrow(entry))
    drawn.gaps = max(count - 1, 0) if narrow * 2 < count else 0  # Latin words are not pulled apart
    return drawn


_justify_words = _library._justifyDrawParaLineX


def _justify(tx: Any, offset: float, line: Any, last: int = 0) -> None:
    gaps = getattr(line, "gaps", None)
    if gaps is None:
        _justify_words(tx, offset, line, last)
        return
    stretch = line.extraSpace / gaps if gaps and line.extraSpace > 0 else 0
    if last or line.lineBreak or stretch > _MOST_STRETCH * line.fontSize:
        stretch = 0
    _library.setXPos(tx, offset)
    tx.setCharSpace(stretch)
    _library._putFragLine(offset, tx, line)
    tx.setCharSpace(0)
    _library.setXPos(tx, -offset)


def install() -> None:
    """Make the library use these paragraphs in this process; safe to call twice."""
    _context.PmlParagraph = ChineseParagraph
    _library._justifyDrawParaLineX = _justify
