"""Graduates who come through an identity provider: found on the roster, known as one person (R1.2, R1.10)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.accounts import hash_password
from app.access.actors import SYSTEM
from app.access.models import Account
from app.access.services import note_login
from app.access.usernames import is_taken
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Forbidden, Invalid, NotFound
from app.base.values.id_documents import normalise
from app.base.values.names import is_same, person_name
from app.entrances.services.activation import make_graduate_account, rows_of_person
from app.entrances.services.own import keep_contact
from app.entrances.services.people import at_most_once
from app.notices.addresses import read_address
from app.passcodes.phones import take_number
from app.roster.models import Graduate


def enter_by_identity(claims: Mapping[str, Any]) -> Account:
    """The account of the person whom the provider has named, made at the first log-in; mobile and e-mail are refreshed
    from the provider and passed on. Called after the provider's answer has been verified.

    `claims` has name, id_number, mobile and email. Raises NotFound `no_match` (not on the roster), Forbidden.
    """
    number, name = normalise(_text(claims, "id_number")), person_name(_text(claims, "name"))
    person = blind_index(number)
    with at_most_once(_("Somebody else is logging in at this moment. Please try again."), "busy"), transaction():
        account = session.scalar(select(Account).where(Account.person == person))
        if account is None or not is_same(account.name, name):
            account = _new_account(person, name) if account is None and number and name else None
        if account is None:
            raise NotFound(
                _("You are not on the roster of graduates. Please ask the employment office of your school."),
                "no_match",
            )
        if not account.user.active:
            raise Forbidden(_("This account is switched off. Please ask the service line."))
        _refresh(account, claims)
        note_login(account)
    return account


def _new_account(person: bytes, name: str) -> Account | None:
    rows = rows_of_person(person, name)
    if not rows:
        return None
    # Nobody knows this password: a password of one's own is set by a code, the way a forgotten one is.
    return make_graduate_account(rows[0], _free_name(rows[0]), hash_password(secrets.token_urlsafe(32)))


def _free_name(graduate: Graduate) -> str:
    wanted = f"g{graduate.exam_number}"
    return f"g{graduate.id}-{secrets.token_hex(4)}" if is_taken(wanted) else wanted


def _refresh(account: Account, claims: Mapping[str, Any]) -> None:
    told = {}
    for field in ("mobile", "email"):
        try:
            address = read_address(_text(claims, field))
        except Invalid:
            continue
        if ("@" in address) == (field == "email") and getattr(account, field) != address:
            told[field] = address
        elif field == "mobile" and address == account.mobile:
            take_number(account, address, vouched=True)
    if told:
        keep_contact(account, dict(told), key=f"identity:{secrets.token_hex(12)}", vouched=True)
        audit.record("contact", actor=SYSTEM, subject=account.user.username, detail={"from": "identity provider"})


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value[:256] if isinstance(value, str) else ""
