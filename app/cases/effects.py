"""What happens in the same transaction when a graduate's case is submitted, returned, rejected or ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.actors import DEPARTMENT, SYSTEM
from app.base.masks import mask_named
from app.cases.claims import (
    confirm_claim,
    forget_next,
    is_given_up,
    is_next,
    make_way,
    move_claim,
    put_next,
    release_claim,
    take_claim,
)
from app.cases.models import CaseMixin, ReviewedMixin
from app.cases.refreshing import refresh
from app.ems.destination import pending_destination
from app.roster.models import IN_FORCE, IN_REVIEW
from app.roster.services.following import follow
from app.roster.snapshots import student_facts
from app.schools.models import DEPARTMENT_FIRST, SCHOOL_ONLY
from app.schools.queries import setting_of
from app.schools.seasons.queries import change_is_reviewed
from app.workflow import engine, registry
from app.workflow.models import History
from app.workflow.table import Choice, Context, foretells


def first_review_of(by_department: str, by_school: str) -> Choice:
    """Where a submitted case goes first: to one of these states, by the school's review mode of this moment (R3.3).

    The mode is stamped on the case, which keeps it until it is handed in again.
    """

    def first_review(context: Context[CaseMixin]) -> str:
        case = context.case
        # Held, so that the school cannot change the mode between this look at it and the commit.
        setting = setting_of(case.school_id, case.cohort, context.workflow.module, hold=True)
        case.review_mode = setting.review_mode if setting else SCHOOL_ONLY
        if case.graduate.department.unsettled_since is not None:  # nobody looks after a name that waits to be assigned
            case.review_mode = SCHOOL_ONLY
        return by_department if case.review_mode == DEPARTMENT_FIRST else by_school

    return Choice(first_review, (by_department, by_school))


first_review = first_review_of("dept_review", "school_review")


def note_given_password(context: Context[CaseMixin]) -> None:
    """Where the reviewer has once given the first reviewer's account its password, the trail says so: it is no proof of
    one hand, and those who watch over the school know where to look.
    """
    case, actor = context.case, context.actor
    if case.review_mode != DEPARTMENT_FIRST or actor.user_id is None:
        return
    passed = select(History.actor_id).where(
        *(History.workflow == case.workflow_name, History.case_id == case.id),
        *(History.role == DEPARTMENT, History.event == context.transition.event),
    )
    first = audit.who_was_given_password(passed, by=actor.user_id)
    if first is not None:
        subject, detail = f"{case.workflow_name} {case.id}", {"first": first, "second": actor.username}
        audit.record("second_by_maker", actor=actor, subject=subject, detail=detail, about=case)


def _way_made(context: Context[CaseMixin]) -> Any:
    claim = context.case.graduate.claim
    case = context.case
    if claim is None or not is_given_up(claim, context.workflow.name):
        return ""
    if change_is_reviewed(case.province_id, case.cohort):
        return _(
            "Your record “%(what)s” stays in force and reported until this one is approved, and is replaced then.",
            what=registry.get(claim.workflow).label,
        )
    return _(
        "Your record “%(what)s” that is in force is voided at the same moment, and the employment management system is "
        "told that you are waiting for employment. It does not come back if this one fails.",
        what=registry.get(claim.workflow).label,
    )


@foretells(_way_made)
def bind_graduate(context: Context[CaseMixin]) -> None:
    """From here on the graduate is bound to this case; what gives way to it ends now."""
    case = context.case
    bind = take_claim if make_way(case.graduate.claim, context) else put_next
    bind(case.graduate_id, case.workflow_name, case.id)


def confirm_graduate(context: Context[CaseMixin]) -> None:
    """The case is in force: only its end releases the graduate. What stayed in force until now is replaced by it."""
    case, claim = context.case, context.case.graduate.claim
    if claim is None or not is_next(claim, case.workflow_name, case.id):
        confirm_claim(case.graduate_id)
        return
    engine.fire(claim.workflow, claim.case_id, "replace", actor=SYSTEM)
    move_claim(case.graduate_id, case.workflow_name, case.id, IN_FORCE)


def release_graduate(context: Context[CaseMixin]) -> None:
    """The graduate is free for something else, or has what is in force, whose place this case would have taken; what was
    waiting for the place of this one is reviewed like any other.
    """
    case, claim = context.case, context.case.graduate.claim
    if is_next(claim, case.workflow_name, case.id):
        context.memo["stays"] = True
        forget_next(case.graduate_id)
    elif claim is not None and claim.next_id and claim.next_workflow and claim.case_id == case.id:
        move_claim(case.graduate_id, claim.next_workflow, claim.next_id, IN_REVIEW)
    else:
        release_claim(case.graduate_id, case.workflow_name, case.id)


def keep_student_data(context: Context[CaseMixin]) -> None:
    """A case keeps the student data of its submission, and is reviewed where the student is then (R4.6)."""
    case = context.case
    case.student = student_facts(case.graduate)
    case.department_id, case.level = case.graduate.department_id, case.graduate.level


def take_latest_student(context: Context[CaseMixin]) -> None:
    """获取最新学生信息, where the reviewer asked for it: the one way in which kept data change (R4.5)."""
    latest = context.fetched.get("refresh_student")
    if latest is not None:
        context.kept["changes"] = {"student": refresh(context.case, latest)}


def keep_changes(context: Context[Any], changes: Mapping[str, list[Any]]) -> None:
    """Say in the history what a step has changed: field → before, after.

    A history cannot be sealed anew by another key, so that what the case itself seals stands there masked.
    """
    sealed = type(context.case).__table__.c.data.type.names
    context.kept["changes"] = {
        name: [mask_named(last, value) for value in pair] if (last := name.rpartition(".")[2]) in sealed else pair
        for name, pair in changes.items()
    }


def let_cases_follow(context: Context[CaseMixin]) -> None:
    """After a refresh the graduate's other cases follow the roster row."""
    if context.fetched:
        follow(context.case.graduate_id)


def remember_stage(context: Context[CaseMixin]) -> None:
    """Who rejected, for the label: the department or the school."""
    context.case.rejected_from = context.origin


def keep_opinions(context: Context[ReviewedMixin]) -> None:
    """What the reviewer found wrong, in all and at the fields, for the graduate's form (R7.10)."""
    context.case.opinions = {"reason": context.data["reason"], "fields": context.data.get("fields") or {}}


def forget_opinions(context: Context[ReviewedMixin]) -> None:
    """A new submission answers the opinions of the last return."""
    context.case.opinions = None


def report(context: Context[CaseMixin], destination: dict[str, Any]) -> None:
    """Tell the employment management system this destination of the graduate, after the commit and in order (R4.9)."""
    case = context.case
    context.post(
        "ems",
        {"graduate_id": case.graduate_id, "destination": destination},
        order_key=f"graduate:{case.graduate_id}",
    )


@foretells(lambda context: _("The employment management system is told: waiting for employment."))
def report_pending(context: Context[CaseMixin]) -> None:
    """EMS ← 待就业, after the end of what was in force (R4.9); not where something else still is."""
    if context.memo.get("stays"):
        return
    report(context, pending_destination())
