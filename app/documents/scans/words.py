"""What a reviewer, and who hands a copy in, reads of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask_babel import gettext as _

PAGE, OTHER_TEXT, OTHER_PAPER, NO_CODE = "page", "other_text", "other_paper", "no_code"
_SHARP: Final = 85
Line = tuple[str, str]  # tone and words


def sheet_line(sheet: Any) -> Line:
    """What one sheet turned out to be."""
    if sheet.verdict == OTHER_PAPER:
        return "bad", _("This is a page of another paper: %(number)s.", number=sheet.number)
    if sheet.verdict == NO_CODE and sheet.page is None:
        return "warn", _("No code of this paper can be read here: blurred, cut off, or no page of it.")
    if sheet.verdict == OTHER_TEXT:
        return "bad", _("Page %(page)s, but printed from other words than those of this record.", page=sheet.page)
    page = _("Page %(page)s", page=sheet.page)
    if sheet.verdict == NO_CODE:
        page = _("Page %(page)s by its looks; its code cannot be read", page=sheet.page)
    tone, compared = _compared(sheet)
    return tone, _("%(page)s: %(compared)s", page=page, compared=compared)


def _compared(sheet: Any) -> Line:
    if sheet.likeness is None:
        return "warn", _("not to be laid on the original. Is the whole page in the picture?")
    if sheet.differing is None:
        return "warn", _("too blurred to be compared. Please take the picture again.")
    if sheet.differing:
        return "warn", _("%(count)s places differ from what was printed.", count=sheet.differing)
    if sheet.likeness < _SHARP:
        return "good", _("everything printed is there; the picture is a little soft.")
    return "good", _("everything printed is there, and sharp.")


def whole_lines(pages: int, found: Sequence[int], waiting: int) -> list[Line]:
    """Whether all pages are there, and in order; nothing of that while files are still being read."""
    if waiting:
        return [("info", _("%(count)s files are still being read; this takes a moment.", count=waiting))]
    lines: list[Line] = []
    missing = [str(page) for page in range(1, pages + 1) if page not in found]
    if missing:
        lines.append(("bad", _("Not found among the pictures: page %(pages)s.", pages=_(", ").join(missing))))
    if list(found) != sorted(found):
        order = _(", ").join(map(str, found))
        lines.append(("warn", _("The pages are not in order: %(order)s.", order=order)))
    if not lines:
        lines.append(("good", _("All %(count)s pages are there, in order.", count=pages)))
    return lines
