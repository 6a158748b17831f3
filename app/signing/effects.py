"""What happens in the same transaction when an event of the online signing is fired."""

from __future__ import annotations

from typing import Any

from app.database import session
from app.ems.destination import pending_destination, signed_destination
from app.roster.claims import confirm_claim, release_claim, take_claim
from app.roster.following import follow
from app.roster.refreshing import refresh
from app.roster.snapshots import facts_of, student_facts
from app.schools.models import DEPARTMENT_FIRST, SCHOOL_ONLY
from app.schools.queries import setting_of
from app.signing.numbering import issue_number
from app.signing.snapshots import agreement_snapshot
from app.workflow.table import Context


def first_review(context: Context) -> str:
    """Where a submitted case goes first, by the school's review mode of this moment; stamped on the case (R3.3)."""
    case = context.case
    # Held, so that the school cannot change the mode between this look at it and the commit.
    setting = setting_of(case.school_id, case.cohort, context.workflow.module, hold=True)
    case.review_mode = setting.review_mode if setting else SCHOOL_ONLY
    return "dept_review" if case.review_mode == DEPARTMENT_FIRST else "school_review"


def bind_graduate(context: Context) -> None:
    """From acceptance on the graduate is bound to this signing."""
    case = context.case
    take_claim(case.graduate_id, case.workflow_name, case.id)


def release_graduate(context: Context) -> None:
    """The graduate is free for something else."""
    case = context.case
    release_claim(case.graduate_id, case.workflow_name, case.id)


def keep_student_data(context: Context) -> None:
    """A case keeps the student data of its submission, and is reviewed where the student is then (R4.6)."""
    case = context.case
    case.student = student_facts(case.graduate)
    case.department_id, case.level = case.graduate.department_id, case.graduate.level


def take_latest_student(context: Context) -> None:
    """获取最新学生信息, where the reviewer asked for it: the one way in which kept data change (R4.5)."""
    latest = context.fetched.get("refresh_student")
    if latest is not None:
        context.data["changes"] = {"student": refresh(context.case, latest)}


def let_cases_follow(context: Context) -> None:
    """After a refresh the graduate's other cases follow the roster row."""
    if context.fetched:
        follow(context.case.graduate_id)


def remember_stage(context: Context) -> None:
    """Who rejected, for the label: the department or the school."""
    context.case.rejected_from = context.origin


def complete(context: Context) -> None:
    """The school's approval completes the signing: number, frozen data, agreement ordered, claim in force (R9.1)."""
    case = context.case
    case.number = issue_number(case.graduate, facts_of(case)["education"])
    case.signed_at = context.at
    confirm_claim(case.graduate_id)
    case.snapshot = agreement_snapshot(case, approved_by=context.actor, at=context.at)
    context.post("document", {"document": "agreement"})


def report_signed(context: Context) -> None:
    """EMS ← 签就业协议形式就业 (R4.9)."""
    case = context.case
    frozen = case.snapshot["employer"]
    employer = {**frozen, "nature": frozen["nature_code"], "industry": frozen["industry_code"]}
    _report(context, signed_destination(employer, case.data["position"]))


def report_pending(context: Context) -> None:
    """EMS ← 待就业, after the end of a signing (R4.9)."""
    _report(context, pending_destination())


def _report(context: Context, destination: dict[str, Any]) -> None:
    case = context.case
    context.post(
        "ems",
        {"graduate_id": case.graduate_id, "destination": destination},
        order_key=f"graduate:{case.graduate_id}",
    )


def change_category(context: Context) -> None:
    """Only 职位类别 changes; the agreement's snapshot and PDF stay as they were signed (R8.8, R9.1)."""
    case, new = context.case, context.data["category"]
    old = case.data["position"]["category"]
    case.data = {**case.data, "position": {**case.data["position"], "category": new}}
    context.data["changes"] = {"category": [old, new]}
    session.flush()
