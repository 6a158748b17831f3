"""What happens in the same transaction when an event of a verification is fired."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from flask_babel import gettext
from sqlalchemy import update

from app.access.actors import EMPLOYER
from app.access.models import Account
from app.base.database import session
from app.employers.models import Employer, EmployerUser, EmployerVerification
from app.employers.services import enter_unit, holds_until
from app.employers.verification.guards import MOST_TRIES
from app.workflow.stages import Stage
from app.workflow.table import Context

UNIT_FIELDS = (
    *("name", "short_name", "uscc", "type", "nature", "industry", "job_industry", "business_scope", "size"),
    *("region", "address", "website", "welfare", "intro"),
)


def unit_facts(unit: Employer) -> dict[str, Any]:
    """单位信息 as plain values."""
    return {name: getattr(unit, name) for name in UNIT_FIELDS}


def first_station(context: Context[EmployerVerification]) -> str:
    """Method A waits for the bank, everything else for an operator."""
    return "remitting" if context.case.method == "remittance" else "in_review"


def keep_what_was_typed(context: Context[EmployerVerification]) -> None:
    """The operator judges the unit as it was when it was submitted; earlier opinions are answered."""
    case = context.case
    person = session.get(EmployerUser, case.applicant_id)
    case.unit = (person.unit if person and person.unit else None) or unit_facts(case.employer)
    case.opinions, case.tries, case.remitted_at = {}, 0, None
    case.data = {name: value for name, value in case.data.items() if name != "tries_left"}


def order_remittance(context: Context[EmployerVerification]) -> None:
    """A random amount from 0.01 to 1.99 yuan is ordered from the bank; nobody is told of it but by the bank (R5.3)."""
    case = context.case
    if case.method != "remittance":
        return
    assert case.account is not None  # the form of the submission has asked for it
    case.amount = f"{(cents := secrets.randbelow(199) + 1) // 100}.{cents % 100:02d}"
    case.remittances += 1
    context.post(
        "payment",
        {
            "reference": f"verification-{case.id}-{case.remittances}",
            "payee": case.unit["name"],
            "account": case.account,
            "bank": case.data["bank"],
            "bank_code": case.data["bank_code"] or None,
            "amount": case.amount,
        },
    )


def note_remittance(context: Context[EmployerVerification]) -> None:
    """The money is on its way; the tries begin."""
    case = context.case
    case.remitted_at = context.at
    case.data = {**case.data, "tries_left": MOST_TRIES}


def amount_verdict(context: Context[EmployerVerification]) -> str:
    """Where the typed amount leads: right, one try less, or no try left. Compared in constant time."""
    case = context.case
    if hmac.compare_digest(context.data["amount"].encode(), (case.amount or "").encode()):
        return "verified"
    return "returned" if case.tries + 1 >= MOST_TRIES else "awaiting_amount"


def after_amount(context: Context[EmployerVerification]) -> None:
    """Count the try, or verify the unit; the outcome is told, a single wrong try is not."""
    case = context.case
    if case.stage == Stage.IN_FORCE:
        verify_unit(context)
        _tell(context, "verification_passed")
        return
    case.tries += 1
    case.data = {**case.data, "tries_left": MOST_TRIES - case.tries}
    if case.stage == Stage.RETURNED:
        reason = gettext("The amount was wrong %(tries)s times.", tries=MOST_TRIES)
        context.data["reason"] = reason
        case.opinions = {"account": reason}
        _tell(context, "verification_returned")


def _tell(context: Context, template: str) -> None:
    context.post("notice", {"template": template, "to": [EMPLOYER]})


def keep_opinions(context: Context[EmployerVerification]) -> None:
    """What the operator says of each field stands beside it when the applicant comes back."""
    context.case.opinions = dict(context.data.get("fields") or {})


def verify_unit(context: Context[EmployerVerification]) -> None:
    """The unit is known, and the applicant acts for it from now on; others who only claimed it do not (R5.6, R5.8)."""
    case = context.case
    unit = session.get_one(Employer, case.employer_id, with_for_update=True, populate_existing=True)
    if unit.verified_at is None:
        for name, value in case.unit.items():
            setattr(unit, name, value)
        unit.verified_at = unit.updated_at = context.at
        unit.verified_until, unit.lapsed_at = holds_until(context.at), None
        _detach_others(unit, case.applicant_id)
    enter_unit(case.applicant_id, unit.id)
    person = session.get(EmployerUser, case.applicant_id)
    if person is not None:
        person.employer_id, person.unit = unit.id, None
    case.amount = None  # it has served


def _detach_others(unit: Employer, applicant_id: int) -> None:
    """Whoever registered the same code without proving it has to ask to join."""
    others = update(Account).where(Account.employer_id == unit.id, Account.user_id != applicant_id)
    session.execute(others.values(employer_id=None, unit_role=None))
