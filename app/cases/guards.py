"""What must be true before a graduate takes a case back from its review, and before it passes the second one."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, SCHOOL, Actor
from app.base.cohorts import is_operable
from app.base.errors import Conflict
from app.cases.claims import is_changed_by, refuse_bound
from app.cases.models import CaseMixin
from app.schools.models import DEPARTMENT_FIRST
from app.workflow import history
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


def reviewed_by_another_hand(context: Context[CaseMixin]) -> None:
    """Two reviews are two people's: who has made the first one does not make the second; raises Conflict."""
    why = same_hand(context.case, context.actor)
    if why is not None:
        raise Conflict(why, "same_hand")


def same_hand(case: CaseMixin, actor: Actor) -> Any | None:
    """Why this actor cannot pass a case that the department has passed, in words; None when they can."""
    if case.review_mode != DEPARTMENT_FIRST or case.waits_for != SCHOOL or not actor.at_hand:
        return None
    first = first_reviewer(case)
    if first is None or first.actor_id not in actor.at_hand:
        return None
    return _(
        "The department's review was made with the account %(name)s, which is used in this browser or has the same "
        "mobile number or e-mail address as yours. Two reviews are made by two people: please let another person of "
        "the school approve it, in a browser of their own, or return it.",
        name=first.actor,
    )


def first_reviewer(case: CaseMixin) -> Any | None:
    """The step by which the department has passed the case in this round."""
    steps = history.of_case(case.workflow_name, case.id)
    return next((step for step in reversed(steps) if step.role == DEPARTMENT and step.event == "approve"), None)


def holds_no_other_claim(context: Context[CaseMixin]) -> None:
    """A graduate is bound to one signing or destination at a time; a new version of what is in force is no other."""
    if is_changed_by(context.case.graduate.claim, context.case):
        return
    refuse_bound(context.case.graduate.claim, context.workflow.name, context.case.id)
