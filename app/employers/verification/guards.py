"""What must be true before an event of a verification."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.models import Account
from app.base.database import session
from app.base.errors import Conflict, Invalid
from app.documents.models import StoredFile
from app.employers.models import Employer, EmployerUser, EmployerVerification
from app.workflow.table import Context

MOST_TRIES = 5  # there are 199 amounts: five guesses do not find it
MOST_REMITTANCES = 3  # each one costs money; then the unit sends papers instead
_NEEDED = {
    "remittance": ("authorization_letter",),
    "materials": ("authorization_letter", "licence"),
    "known_unit": ("authorization_letter",),
    "join": ("authorization_letter",),
}
_MISSING = {
    "authorization_letter": _("Please upload the stamped authorization letter."),
    "licence": _("Please upload the stamped licence or credit code certificate."),
}


def needed_kinds(case: Any) -> tuple[str, ...]:
    """The attachments without which this case cannot be submitted; who joins an unproved unit proves it as well."""
    if case.method == "join" and case.employer.verified_at is None:
        return _NEEDED["materials"]
    return _NEEDED[case.method]


def unit_is_still_free(context: Context[EmployerVerification]) -> None:
    """Nobody else has been verified for the unit meanwhile; then only joining is possible."""
    case = context.case
    if case.method != "join" and case.employer.verified_at is not None:
        raise Conflict(
            _("Another user has been verified for this unit meanwhile. Please ask to join it."), "join_instead"
        )


def works_for_no_other_unit(context: Context[EmployerVerification]) -> None:
    """Who has come into a unit by a colleague meanwhile leaves it first."""
    case = context.case
    own = select(Employer.id).join(Account, Account.employer_id == Employer.id)
    own = own.where(Account.user_id == case.applicant_id, Employer.verified_at.is_not(None))
    if session.scalar(own) not in (None, case.employer_id):
        raise Conflict(
            _("This account works for another verified unit already. It leaves that one first."), "in_another_unit"
        )


def remittances_are_left(context: Context[EmployerVerification]) -> None:
    """Only a few remittances a unit, so that amounts cannot be guessed by starting again and again."""
    case = context.case
    if case.method == "remittance" and case.remittances >= MOST_REMITTANCES:
        raise Conflict(
            _("No more remittances are possible for this unit. Please verify it by uploading materials."),
            "no_remittance_left",
        )


def is_complete(context: Context[EmployerVerification]) -> dict[str, Any]:
    """The form of `submit`: account, bank and attachments are there; raises Invalid at each that is missing."""
    case = context.case
    errors: dict[str, list[Any]] = {}
    if case.method == "remittance":
        for name, value in (("account", case.account), ("bank", case.data.get("bank"))):
            if not value:
                errors[name] = [_("Please fill this in.")]
    kinds = _kinds_of(case)
    errors |= {kind: [_MISSING[kind]] for kind in needed_kinds(case) if kind not in kinds}
    person = session.get(EmployerUser, case.applicant_id)
    if person is None or not (person.work_phone or person.fax):
        errors["work_phone"] = [_("Please give a work phone or a fax number.")]
    if errors:
        raise Invalid(errors)
    return {}


def _kinds_of(case: Any) -> set[str]:
    query = select(StoredFile.kind).where(StoredFile.workflow == case.workflow_name, StoredFile.case_id == case.id)
    return set(session.scalars(query))


def amount_typed(context: Context[EmployerVerification]) -> dict[str, Any]:
    """The form of `confirm_amount`: an amount such as 1.78; raises Invalid, which costs no try."""
    typed = context.data["amount"].replace("。", ".").replace("．", ".")
    whole, dot, cents = typed.partition(".")
    wrong = not (whole.isascii() and whole.isdigit() and len(whole) <= 4)
    if wrong or (dot and not (cents.isascii() and cents.isdigit() and len(cents) <= 2)):
        raise Invalid({"amount": [_("Please give the amount in yuan as it arrived, such as 1.78.")]})
    return {"amount": f"{int(whole)}.{cents.ljust(2, '0')}"}
