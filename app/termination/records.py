"""What both kinds of termination tell alike: the reasons to choose from, and how many applications are left."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.codes import queries as codes
from app.termination.guards import Allowance


def reason_choices() -> list[tuple[str, Any]]:
    """The reasons, each group with its own under it, for a select."""
    entries = codes.entries("rescission_reason")
    below: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        if entry.parent:
            below.setdefault(entry.parent, []).append((entry.code, entry.label))
    return [
        (entry.label, below[entry.code]) if entry.code in below else (entry.code, entry.label)
        for entry in entries
        if not entry.parent
    ]


def allowance_words(found: Allowance, counted: bool) -> str:
    """How many applications are left, as a sentence; `counted`: this very one has been counted already."""
    if counted:
        return _("This application has been counted: submitting it again uses no further one.")
    if found.left == 0:
        return _("Your school allows %(most)s applications, and all of them have been used.", most=found.most)
    return _("Your school allows %(most)s applications; you have %(left)s left.", most=found.most, left=found.left)
