"""How the last day of a mark is told."""

from __future__ import annotations

from flask_babel import gettext

from app.base import clock
from app.base.dates import day_text
from app.flags.models import UnitWarning


def until_word(marked: UnitWarning) -> str:
    """Its last day, and whether that is over."""
    if marked.until is None:
        return ""
    day = day_text(marked.until)
    return gettext("%(day)s, over", day=day) if marked.until < clock.today() else day
