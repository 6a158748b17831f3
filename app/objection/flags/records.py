"""How an objection to a mark is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.base.dates import time_text
from app.base.wording import listed
from app.codes import queries as codes
from app.objection.flags.models import FlagObjection

Rows = list[tuple[Any, Any]]


def kinds_text(kinds: Any) -> str:
    """The kinds of a mark in words."""
    return listed(codes.label("warning_reason", kind) for kind in kinds or ())


def objection_rows(case: FlagObjection) -> Rows:
    """The mark as it was when the unit objected, and what the unit says."""
    data = case.data
    rows = [
        (_("Unit"), case.employer.name),
        (_("Credit code"), case.uscc),
        (_("Marked by"), data["school"]),
        (_("Kinds of warning"), kinds_text(data["kinds"])),
        (_("Reason for the warning"), data["reason"]),
        (_("Evidence"), data["evidence"]),
        (_("Marked on"), time_text(datetime.fromisoformat(data["marked_on"]))),
        (_("What is wrong about the mark"), data.get("text")),
        (_("Objected on"), time_text(case.created_at)),
    ]
    return [(label, value) for label, value in rows if value]


def facts(case: FlagObjection) -> dict[str, str]:
    """What notices tell of it."""
    return {"unit": case.employer.name, "school": case.data["school"]}
