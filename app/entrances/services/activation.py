"""Graduates activate their account from the roster: name, ID number, code to the roster's mobile (R1.2, R1.10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit, throttle
from app.access.accounts import create_account, hash_password
from app.access.actors import GRADUATE, SYSTEM
from app.access.models import Account
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound, Throttled
from app.base.masks import mask_phone
from app.base.values.id_documents import normalise
from app.base.values.names import is_same, person_name
from app.base.values.phones import is_mobile, normalise_phone
from app.entrances.services.people import at_most_once, check_new_account, refuse_taken
from app.passcodes.asking import refuse_unasked
from app.passcodes.models import ACTIVATION, VerificationCode
from app.passcodes.phones import take_number
from app.passcodes.services import check_code, issue_code, use_code
from app.roster.models import Graduate
from app.roster.services.contacts import tell_activated

# Only misses count: a campus is one network address.
MISSES_OF_ADDRESS = throttle.Limit("activation_address", most=50, window=600, wait=0)
MISSES_OF_PERSON = throttle.Limit("activation_person", most=10, window=3600, wait=0)
_MISSING = _("Please fill this in.")


def start_activation(name: Any, id_number: Any, *, ip: str | None, answer: Any = None) -> VerificationCode:
    """Send a code to the mobile number that the roster has for this person; called by strangers.

    A miss says nothing about which part was wrong and takes the same time. Raises Invalid (a field is empty),
    Throttled after too many misses, NotFound `no_match`, Conflict `already_active`, `no_mobile`.
    """
    typed, number = _typed(name, id_number)
    person = blind_index(number)
    tries = [_begin(MISSES_OF_ADDRESS, ip or "unknown"), _begin(MISSES_OF_PERSON, person.hex())]
    rows = rows_of_person(person, typed)
    if not rows:
        raise NotFound(no_match(), "no_match")
    for one in tries:
        throttle.take_back(one)
    if session.scalar(select(Account.id).where(Account.person == person)) is not None:
        raise Conflict(_ACTIVE, "already_active")
    mobile = mobile_of(rows)
    if mobile is None:
        raise Conflict(_why_no_code(rows), "no_mobile")
    refuse_unasked(ACTIVATION, ip, answer)
    return issue_code(ACTIVATION, person, mobile, reader=GRADUATE, ip=ip)


def finish_activation(
    code_id: int | None, entered: str, username: Any, password: Any, *, ip: str | None = None, answer: Any = None
) -> Account:
    """Make the account of the person to whom the code was sent; one person, one account.

    Called by strangers who hold the code. Raises Invalid (fields, or the code), Conflict `already_active`.
    """
    chosen, secret = check_new_account(username, password)
    code = check_code(code_id, ACTIVATION, entered, ip=ip, answer=answer)
    refuse_taken(chosen, code)
    person = bytes(code.subject)
    rows = rows_of_person(person)
    if not rows:
        raise NotFound(no_match(), "no_match")
    with at_most_once(_ACTIVE, "already_active"), transaction():
        use_code(code)
        return make_graduate_account(rows[0], chosen, hash_password(secret), mobile=code.address)


def make_graduate_account(
    graduate: Graduate, username: str, password_hash: str, *, mobile: str | None = None, email: str | None = None
) -> Account:
    """The account of the person on this roster row; for activation and identity providers, in their transaction.

    Raises Conflict `already_active`, `username_taken`.
    """
    person = bytes(graduate.id_number_index)
    if session.scalar(select(Account.id).where(Account.person == person)) is not None:
        raise Conflict(_ACTIVE, "already_active")
    account = create_account(
        username=username, name=graduate.name, kind=GRADUATE, password_hash=password_hash, person=person, actor=SYSTEM
    )
    account.email = email  # what the roster says was written by somebody else
    session.flush()
    if mobile:
        take_number(account, mobile)
        tell_activated(account, mobile)
    audit.record("activated", actor=SYSTEM, subject=username)
    return account


def rows_of_person(person: bytes, name: str | None = None) -> list[Graduate]:
    """The roster rows of a person that are not removed, newest first; with a name only those of that name."""
    query = (
        select(Graduate)
        .where(Graduate.id_number_index == person, Graduate.invalid_since.is_(None))
        .options(*Graduate.eager_options())
        .order_by(Graduate.cohort.desc(), Graduate.id.desc())
    )
    rows = list(session.scalars(query))
    if name is None:
        return rows
    same = [is_same(row.name, name) for row in rows]
    return rows if any(same[:1]) else []


def mobile_of(rows: Sequence[Graduate]) -> str | None:
    """The mobile number on the newest of these rows that has one."""
    numbers = (normalise_phone(row.mobile) for row in rows if row.mobile)
    return next((number for number in numbers if is_mobile(number)), None)


def _why_no_code(rows: Sequence[Graduate]) -> Any:
    """Why no code can be sent, and which other way there is."""
    school = rows[0].school.name
    number = next((row.mobile for row in rows if row.mobile), None)
    if number is None:
        return _(
            "The roster has no mobile number for you, so no code can be sent. Please ask the employment office of "
            "%(school)s to add it.",
            school=school,
        )
    return _(
        "The number that the roster has for you, %(number)s, takes no text messages: codes go to mobile numbers of the "
        "mainland only. Please ask the employment office of %(school)s to change it; where your school offers its own "
        "log-in, you can come in through it without a code.",
        number=mask_phone(number),
        school=school,
    )


def no_match() -> Any:
    """The one answer to every miss."""
    return _(
        "No graduate on the roster has this name and this ID number. Please check both; if they are right, ask the "
        "employment office of your school whether you are on the roster."
    )


_ACTIVE = _("This account is activated already. Please log in; if you have forgotten the password, set a new one.")


def _typed(name: Any, id_number: Any) -> tuple[str, str]:
    texts = {"name": name, "id_number": id_number}
    errors = {field: [_MISSING] for field, text in texts.items() if not isinstance(text, str) or not text.strip()}
    if errors:
        raise Invalid(errors)
    return person_name(name[:256]), normalise(id_number[:64])


def _begin(limit: throttle.Limit, subject: str) -> throttle.Try:
    one, wait = throttle.begin(limit, subject)
    if one is None:
        raise Throttled(wait)
    return one
