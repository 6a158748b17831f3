"""What happens in the same transaction when an event of the online signing is fired."""

from __future__ import annotations

from app.base.clock import day_of, end_of_day
from app.base.database import session
from app.cases.effects import confirm_graduate, report
from app.ems.destination import signed_destination
from app.roster.snapshots import facts_of
from app.signing.effects import issue_number
from app.signing.guards import refuse_unprintable
from app.signing.online.models import OnlineSigning
from app.signing.online.snapshots import agreement_snapshot
from app.workflow.table import Context
from app.workflow.waiting import lengthen


def complete(context: Context[OnlineSigning]) -> None:
    """The school's approval completes the signing: number, frozen data, agreement ordered, claim in force (R9.1)."""
    case = context.case
    case.number = issue_number(case.graduate, facts_of(case)["education"])
    case.signed_at = context.at
    case.snapshot = agreement_snapshot(case, approved_by=context.actor, at=context.at)
    refuse_unprintable(case.snapshot)
    confirm_graduate(context)
    context.post("document", {"document": "agreement"})


def report_signed(context: Context[OnlineSigning]) -> None:
    """EMS ← 签就业协议形式就业 (R4.9)."""
    case = context.case
    assert case.snapshot is not None  # the approval has frozen it
    frozen = case.snapshot["employer"]
    employer = {**frozen, "nature": frozen["nature_code"], "industry": frozen["industry_code"]}
    assert case.signed_at is not None
    report(context, signed_destination(employer, case.data["position"], day_of(case.signed_at)))


def change_category(context: Context[OnlineSigning]) -> None:
    """Only 职位类别 changes; the agreement's snapshot and PDF stay as they were signed (R8.8, R9.1)."""
    case, new = context.case, context.data["category"]
    old = case.data["position"]["category"]
    case.data = {**case.data, "position": {**case.data["position"], "category": new}}
    context.kept["changes"] = {"category": [old, new]}
    session.flush()


def take_amendment(context: Context[OnlineSigning]) -> None:
    """The terms are those of the supplement from now on; the agreement's snapshot and PDF stay as they were signed."""
    case, told = context.case, context.data["amendment"]
    case.data = context.data["terms"]
    case.amendments = [*(case.amendments or []), told]
    context.kept["supplement"] = told["number"]
    session.flush()


def count_reminder(context: Context[OnlineSigning]) -> None:
    """So that the next one can be refused in time."""
    context.case.reminders += 1
    context.case.reminded_at = context.at


def extend_validity(context: Context[OnlineSigning]) -> None:
    """The letter says the new day; what else stands in it stays."""
    case, day = context.case, context.data["valid_until"]
    context.kept["changes"] = {"valid_until": [case.data["valid_until"], day.isoformat()]}
    case.data = {**case.data, "valid_until": day.isoformat()}
    case.valid_until = end_of_day(day)
    lengthen(case, case.valid_until)
