"""Units and their users come into the platform, with a proved e-mail address (R5.1); the verification is a workflow of its own."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import EMPLOYER, Actor
from app.access.models import Account
from app.access.unit_roles import role_of_newcomer
from app.base import clock
from app.base.clock import end_of_day
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid
from app.base.settings import settings
from app.base.values.addresses import is_email
from app.codes.forms import read
from app.employers.forms import UnitForm, UnitUserForm
from app.employers.models import Employer, EmployerUser
from app.passcodes.asking import own_guessing
from app.passcodes.models import CONTACT, VerificationCode
from app.passcodes.services import check_code, issue_code, open_code_of


def register_unit(facts: Mapping[str, Any], *, actor: Actor, verified: bool = False) -> Employer:
    """Add a unit, one for each credit code. Called by the program itself once a unit's user has filled in the form.

    `verified` is for units whose identity is known. Raises Forbidden, Invalid, Conflict `unit_exists`.
    """
    if not actor.is_system:
        raise Forbidden()
    clean = read(UnitForm, facts)
    clean["uscc"] = clean["uscc"] or None
    with transaction():
        if unit_by_code(clean["uscc"]) is not None:
            raise Conflict(
                _("This unit is already registered. Please join it instead of registering it again."),
                "unit_exists",
            )
        proved = {"verified_at": clock.now(), "verified_until": holds_until(clock.now())} if verified else {}
        employer = Employer(**clean, **proved)
        session.add(employer)
        session.flush()
    return employer


def add_unit_user(user_id: int, employer: Employer, facts: Mapping[str, Any], *, actor: Actor) -> EmployerUser:
    """Keep the personal details of a unit's user. Called by the program itself; raises Forbidden, Invalid."""
    if not actor.is_system:
        raise Forbidden()
    clean = read(UnitUserForm, facts)
    with transaction():
        person = EmployerUser(user_id=user_id, employer_id=employer.id, **clean)
        session.add(person)
        session.flush()
    return person


def holds_until(at: datetime) -> datetime | None:
    """The end of a verification that was given at this moment; None where the setting lets it hold for ever."""
    months = settings().verification_months
    if not months:
        return None
    day = clock.day_of(at)
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return end_of_day(date(year, month, min(day.day, monthrange(year, month)[1])))


def unit_by_code(uscc: str | None) -> Employer | None:
    """The unit of a credit code, or None."""
    return session.scalar(select(Employer).where(Employer.uscc == uscc)) if uscc else None


def enter_unit(user_id: int, unit_id: int | None, role: str | None = None) -> None:
    """From now on the account works for this unit, or for none: in the role told, else the one it has there already,
    else as who comes new. In the caller's transaction, who has checked that it may.
    """
    account = session.scalars(select(Account).where(Account.user_id == user_id).with_for_update(of=Account)).one()
    if role is None:
        role = account.unit_role if account.employer_id == unit_id else role_of_newcomer(unit_id)
    account.employer_id, account.unit_role = unit_id, role
    session.flush()


_LONGEST = 128  # as the column; longer ones are no address and cost no look-up


def send_code(address: Any, *, actor: Actor) -> VerificationCode:
    """Send a code to the address the user wants to give.

    Called by users of units for themselves. Raises Forbidden, Invalid at `email`, Throttled, Conflict
    `channel_missing`.
    """
    if actor.kind != EMPLOYER:
        raise Forbidden()
    plain = address.strip()[:_LONGEST] if isinstance(address, str) else ""
    if not is_email(plain):
        raise Invalid({"email": [_("Please give an e-mail address.")]})
    return issue_code(
        CONTACT,
        _subject(actor),
        plain,
        reader=EMPLOYER,
        ip=actor.ip,
        user_id=actor.user_id,
        key=f"user:{actor.user_id}",
    )


def checked_code(address: str, entered: str, *, actor: Actor) -> VerificationCode:
    """The code that was sent to this address, if it is the one entered; use_code() uses it up.

    Called outside any transaction, so that a wrong try counts. Raises Invalid at `email_code`.
    """
    row = open_code_of(CONTACT, _subject(actor))
    if row is None or row.address != address or not entered.strip():
        raise Invalid(
            {"email_code": [_("Please give the code that was sent to this address. It is valid for 10 minutes.")]}
        )
    try:
        with own_guessing(actor.user_id or 0):
            return check_code(row.id, CONTACT, entered)
    except Invalid as error:
        raise Invalid({"email_code": list(error.errors["code"])}) from None


def _subject(actor: Actor) -> bytes:
    return blind_index(f"contact:{actor.user_id}")
