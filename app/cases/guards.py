"""What must be true before a graduate takes a case back from its review."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, SCHOOL
from app.base.cohorts import is_operable
from app.base.errors import Conflict
from app.cases.claims import refuse_bound
from app.cases.models import CaseMixin
from app.schools.models import DEPARTMENT_FIRST
from app.workflow.table import Context


def nobody_has_decided(context: Context[CaseMixin]) -> None:
    """Only before any decision of the reviewers in this round (R7.3, R7.10)."""
    case = context.case
    first = DEPARTMENT if case.review_mode == DEPARTMENT_FIRST else SCHOOL
    if context.workflow.state(case.state).waits_for != first:
        raise Conflict(
            _("The department has already decided, so this cannot be taken back any more. Please wait for the school."),
            "already_decided",
        )


def graduate_can_still_edit(context: Context[CaseMixin]) -> None:
    """After the season reviewers may approve or reject, not return: nobody could edit it any more."""
    if not is_operable(context.case.cohort):
        raise Conflict(
            _(
                "The season of the cohort %(cohort)s is over, so the graduate could not edit it any more. "
                "Please approve or reject it.",
                cohort=context.case.cohort,
            ),
            "cohort_closed",
        )


def holds_no_other_claim(context: Context[CaseMixin]) -> None:
    """A graduate is bound to one signing or destination at a time."""
    refuse_bound(context.case.graduate.claim, context.workflow.name, context.case.id)
