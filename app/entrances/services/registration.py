"""Employers register themselves with a code to their mobile or e-mail; the unit comes afterwards (R1.2, R5.1)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.accounts import create_account, hash_password
from app.access.actors import EMPLOYER, SYSTEM
from app.access.models import Account
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid
from app.base.values.names import person_name
from app.employers.models import EmployerUser
from app.entrances.services.people import at_most_once, check_new_account, refuse_taken
from app.notices.addresses import read_address
from app.notices.messages import SMS
from app.passcodes.asking import refuse_unasked
from app.passcodes.models import REGISTRATION, VerificationCode
from app.passcodes.services import check_code, issue_code, use_code

_LONGEST_NAME = 32


def start_registration(address: Any, *, ip: str | None, answer: Any = None) -> VerificationCode:
    """Send a code to a mobile number or e-mail address; called by strangers, the same answer whoever holds it.

    `answer` belongs to a question that was asked. Raises Invalid, Throttled (Held), Conflict `channel_missing`.
    """
    plain = read_address(address)
    refuse_unasked(REGISTRATION, ip, answer)
    return issue_code(REGISTRATION, blind_index(plain), plain, reader=EMPLOYER, ip=ip)


def finish_registration(
    code_id: int | None,
    entered: str,
    name: Any,
    username: Any,
    password: Any,
    *,
    ip: str | None = None,
    answer: Any = None,
) -> Account:
    """Make the account of a unit's user, without a unit yet; called by strangers who hold the code.

    Raises Invalid (fields, or the code), Conflict `already_registered`, `username_taken`.
    """
    person, errors = _real_name(name)
    try:
        chosen, secret = check_new_account(username, password)
    except Invalid as error:
        raise Invalid({**errors, **error.errors}) from None
    if errors:
        raise Invalid(errors)
    code = check_code(code_id, REGISTRATION, entered, ip=ip, answer=answer)
    refuse_taken(chosen, code)
    contact = {"mobile" if code.channel == SMS else "email": code.address}
    with at_most_once(_("This user name is taken. Please choose another one."), "username_taken"), transaction():
        use_code(code)
        _refuse_known(contact)
        account = create_account(
            username=chosen, name=person, kind=EMPLOYER, password_hash=hash_password(secret), actor=SYSTEM
        )
        session.add(EmployerUser(user_id=account.user_id, employer_id=None, name=person, **contact))
        session.flush()
        audit.record("registered", actor=SYSTEM, subject=chosen)
    return account


def _real_name(name: Any) -> tuple[str, dict[str, list[Any]]]:
    text = person_name(name) if isinstance(name, str) else ""
    if not text:
        return text, {"name": [_("Please fill this in.")]}
    if len(text) > _LONGEST_NAME:
        most = _("At most %(most)s characters; this has %(has)s.", most=_LONGEST_NAME, has=len(text))
        return text, {"name": [most]}
    if not text.isprintable():
        return text, {"name": [_("This text holds characters that cannot be stored. Please type it again.")]}
    return text, {}


def _refuse_known(contact: dict[str, str | None]) -> None:
    """Told only to who holds the address: one address, one account, so that a lost password finds its owner."""
    indexes = {f"{name}_index": blind_index(value) for name, value in contact.items() if value}
    query = select(EmployerUser.user_id).filter_by(**indexes)
    if session.scalar(query.limit(1)) is not None:
        raise Conflict(
            _("This mobile number or e-mail address has an account already. Please log in or set a new password."),
            "already_registered",
        )
