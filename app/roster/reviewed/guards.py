"""What must be true before a graduate takes a case back from its review."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.errors import Conflict
from app.schools.models import DEPARTMENT_FIRST
from app.workflow.table import Context


def nobody_has_decided(context: Context) -> None:
    """Only before any decision of the reviewers in this round (R7.3, R7.10)."""
    case = context.case
    if case.review_mode == DEPARTMENT_FIRST and case.state.endswith("school_review"):
        raise Conflict(
            _("The department has already decided, so this cannot be taken back any more. Please wait for the school."),
            "already_decided",
        )
