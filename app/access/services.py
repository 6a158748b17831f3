"""Log-in: the one service behind the browser's entrances and the API's token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.access import attempts, audit, devices, second_factor, throttle
from app.access.accounts import hash_password, is_hashed_as_now
from app.access.actors import EMPLOYER, GRADUATE, STAFF, Actor
from app.access.attempts import Attempt
from app.access.lifetimes import why_closed
from app.access.models import Account
from app.access.sessions import end_sessions_of
from app.access.usernames import account_named, typed_name
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import AppError, Forbidden, Invalid, Throttled, Unauthenticated

_LONGEST = 256  # hashing costs time by length: a stranger's megabyte is not hashed

API_DOOR = "api"
DOOR_OF_KIND = {EMPLOYER: "employer", GRADUATE: "graduate", **dict.fromkeys(STAFF, "school")}
# Only who is logged in gets so far: it closes the change of the password, not the log-in.
OWN_PASSWORD = throttle.Limit("own_password", most=5, window=15 * 60, wait=15 * 60)
_TOLD_EVERY = 600  # seconds between two lines on the same name being held up from the same address
DOORS = tuple(dict.fromkeys(DOOR_OF_KIND.values()))


class WrongDoor(Forbidden):
    """The account is right but belongs to another entrance (R1.1)."""

    def __init__(self, door: str) -> None:
        super().__init__(_("Your account belongs to another entrance. Please log in there."), "wrong_door")
        self.door = door


def authenticate(
    username: str,
    password: str,
    *,
    ip: str | None,
    door: str,
    device: str | None = None,
    challenge: Any = None,
    otp: Any = None,
) -> Account:
    """The account that belongs to the name and password; `door` is one of DOORS, or "api" which takes every kind.

    Failures in a row are counted by account and place (attempts.py): `device` is the browser's cookie, `challenge` the
    answer to a question that was asked before, `otp` the code of a second factor where one is on. An unknown name, a
    switched-off account and a wrong password look the same and take the same time. Raises Held, Unauthenticated,
    SecondFactorAsked, WrongDoor (right password, other entrance), Forbidden (closed). Serves R1.1.
    """
    name = typed_name(username[:_LONGEST])
    with _noting_refusals(name, ip=ip, door=door):
        return _authenticated(name, password, otp, ip=ip, door=door, device=device, challenge=challenge)


def _authenticated(
    name: str, password: str, otp: Any, *, ip: str | None, door: str, device: str | None, challenge: Any
) -> Account:
    account = account_named(name)
    subject = _counted_as(account.user.username if account else name)
    known = devices.known_mark(account.user_id, device) if account else None
    attempt = attempts.begin(Attempt(subject, ip or "unknown", known, challenge))
    right = check_password_hash(account.user.password or "" if account else _decoy(), password[:_LONGEST])
    if account is None or not right:
        raise Unauthenticated(_("The user name or the password is wrong."), "wrong_credentials")
    if door != API_DOOR and DOOR_OF_KIND[account.kind] != door:
        attempts.succeed(attempt)
        raise WrongDoor(DOOR_OF_KIND[account.kind])
    closed = why_closed(account)
    if closed is not None:
        attempts.succeed(attempt)
        raise closed
    second_factor.check(account.user_id, otp)
    attempts.succeed(attempt)
    note_login(account)
    _hash_as_now(account, password[:_LONGEST])
    return account


def _hash_as_now(account: Account, password: str) -> None:
    """Keep the password that was right as the settings want it now: only at a log-in is it there to be hashed."""
    if not is_hashed_as_now(account.user.password or ""):
        with transaction():
            account.user.password = hash_password(password)
            session.add(account.user)


def prove_second_factor(
    user_id: int, otp: Any, *, ip: str | None, device: str | None, challenge: Any = None
) -> Account:
    """The second step of a log-in whose password was right a moment ago; counted like the first.

    Raises Held, SecondFactorAsked, Unauthenticated.
    """
    account = session.scalar(
        select(Account).join(User, User.id == Account.user_id).where(User.id == user_id, User.active)
    )
    if account is None:
        raise Unauthenticated()
    known = devices.known_mark(user_id, device)
    with _noting_refusals(account.user.username, ip=ip, door=DOOR_OF_KIND[account.kind]):
        attempt = attempts.begin(Attempt(_counted_as(account.user.username), ip or "unknown", known, challenge))
        second_factor.check(user_id, otp)
    attempts.succeed(attempt)
    note_login(account)
    return account


@contextmanager
def _noting_refusals(name: str, *, ip: str | None, door: str) -> Iterator[None]:
    try:
        yield
    except (Throttled, Unauthenticated, WrongDoor) as refusal:
        if refusal.code != second_factor.REQUIRED:  # the password was right, the next step comes
            _note_refusal(name, refusal, ip=ip, door=door)
        raise


def _note_refusal(name: str, refusal: AppError, *, ip: str | None, door: str) -> None:
    """A line on the failure. An unknown name is written masked: it may be a password typed into the wrong field."""
    account = account_named(name)
    who = _stranger(account, ip) if account else Actor(kind="stranger", name=f"{name[:2]}***", ip=ip)
    detail = {"door": door, "code": refusal.code}
    if not isinstance(refusal, Throttled):
        audit.record_apart(audit.LOGIN_FAILED, actor=who, subject=who.username or who.name, detail=detail)
    elif throttle.is_news(f"{blind_index(name).hex()}:{ip}", _TOLD_EVERY):
        detail |= {"seconds": str(refusal.retry_after)}
        audit.record_apart(audit.LOCKED_OUT, actor=who, subject=who.username or who.name, detail=detail)


def _stranger(account: Account, ip: str | None) -> Actor:
    """Somebody who has named this account and has not shown to be its owner; has the place of the account."""
    return Actor(
        kind="stranger",
        username=account.user.username,
        province_id=account.province_id,
        school_id=account.school_id,
        ip=ip,
    )


def unlock_account(account: Account, *, actor: Actor) -> None:
    """Let somebody try again at once; called by operators."""
    subject = _counted_as(account.user.username)
    attempts.forget(subject)
    throttle.forget(OWN_PASSWORD, subject)
    audit.record("unlock", actor=actor, subject=account.user.username, about=account)


def change_password(account: Account, password: str, *, actor: Actor, keep_session: str | None = None) -> None:
    """Set a new password and end all other sessions of the account; the caller has checked who may.

    Whoever gets a password from somebody else has to choose an own one at the next log-in.
    """
    with transaction():
        account.user.password = hash_password(password)
        account.must_change_password = actor.user_id not in (None, account.user_id)
        session.add(account)
        session.add(account.user)
        end_sessions_of(account.user_id, except_token=keep_session)
        audit.record("password", actor=actor, subject=account.user.username, about=account)


def check_own_password(account: Account, password: str) -> None:
    """Raise Invalid at `current` unless this is the account's password; Throttled after five failures."""
    one, wait = throttle.begin(OWN_PASSWORD, _counted_as(account.user.username))
    if one is None:
        raise Throttled(
            wait, _("Too many failed tries. Please wait %(minutes)s minutes and try again.", minutes=-(-wait // 60))
        )
    if not check_password_hash(account.user.password or "", password[:_LONGEST]):
        raise Invalid({"current": [_("This is not your password now. Please type it again.")]})
    throttle.take_back(one)


def _counted_as(username: str) -> str:
    """Under what failures are counted: names of people do not stand in Redis."""
    return blind_index(username).hex()


@lru_cache(maxsize=1)
def _decoy() -> str:
    """A hash that no password fits, so that an unknown name takes as long as a known one."""
    return hash_password("no password is this long " * 4)


def note_login(account: Account) -> None:
    """Keep when the account was last used; called by whatever has found out who is logging in."""
    user: Any = account.user
    with transaction():
        if account.mobile and account.mobile_index is None:  # proven before numbers had an index
            account.mobile_index = blind_index(account.mobile)
            session.add(account)
        user.last_login = clock.now().replace(tzinfo=None)  # FAB's column knows no zone
        user.login_count = (user.login_count or 0) + 1
        session.add(user)
