"""The columns of the downloaded list of units' objections."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.cases.sheets import state_label
from app.objection.flags.records import kinds_text
from app.web.sheets import Column


def objection_columns() -> list[Column]:
    """Which unit, whose mark, what it says, and how it stands."""
    return [
        Column(_("Record number"), lambda case: case.id, 12),
        Column(_("State"), state_label, 28),
        Column(_("Unit"), lambda case: case.employer.name, 32),
        Column(_("Credit code"), lambda case: case.uscc, 22),
        Column(_("Marked by"), lambda case: case.data["school"], 24),
        Column(_("Kinds of warning"), lambda case: kinds_text(case.data["kinds"]), 30),
        Column(_("Reason for the warning"), lambda case: case.data["reason"], 50),
        Column(_("What is wrong about the mark"), lambda case: case.data.get("text"), 60),
        Column(_("Created at"), lambda case: case.created_at, 18),
        Column(_("Last change"), lambda case: case.updated_at, 18),
    ]
