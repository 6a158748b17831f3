"""Differences in plain words: what is not the same, and what pressing does about it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.wording import listed
from app.codes import record_fields
from app.ems.queue import RECORDS
from app.reconciliation.models import (
    CHANGED,
    DESTINATION,
    LATER,
    LOST,
    ONLY_HERE,
    ONLY_THERE,
    REMOVED_HERE,
    REMOVED_THERE,
    STUDENT,
    Difference,
)

KINDS = {
    STUDENT: _("Student list"),
    DESTINATION: _("Destination"),
    **{kind: label for kind, (label, _table) in RECORDS.items()},
}
PROBLEMS = {
    ONLY_HERE: _("The employment management system does not have this student. Mending uploads the student."),
    ONLY_THERE: _("The platform does not have this student. Mending takes the student over from there."),
    REMOVED_HERE: _("Removed from the list here, but still on it there. Mending removes the student there too."),
    REMOVED_THERE: _("Removed from the list there, but still on it here. Mending follows the employment system."),
    LOST: _("A record that was reported and taken is not held there any more. Mending reports it again."),
    CHANGED: _("A reported record was changed there, though only the platform changes it. Mending reports it again."),
    LATER: _(
        "A later report is held there that this platform never sent: one of the two was restored from a backup."
        " Please settle with the employment system which one is right."
    ),
}
_FIELDS = {one.name: one.label for one in record_fields.FIELDS[record_fields.DESTINATION]}


def problem_text(row: Difference) -> str:
    """The problem, and the fields in which a changed record differs."""
    fields = listed(dict.fromkeys(str(_FIELDS.get(name, name)) for name in row.fields))
    told = _("Different: %(fields)s", fields=fields) if fields else ""
    # A newer program beside this one may find what this one has no words for.
    return f"{PROBLEMS.get(row.problem, row.problem)} {told}".strip()


def difference_json(row: Difference) -> dict[str, Any]:
    """One difference as the API gives it."""
    return {
        "id": row.id,
        "school": row.school.code,
        "cohort": row.cohort,
        "exam_number": row.exam_number,
        "graduate_id": row.graduate_id,
        "kind": row.kind,
        "problem": row.problem,
        "text": problem_text(row),
        "different": row.fields,
        "found_at": row.found_at.isoformat(),
        "mended_at": row.mended_at.isoformat() if row.mended_at else None,
    }
