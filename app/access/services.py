"""Log-in: the one service behind the browser's entrances and the API's token."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.access import audit, throttle
from app.access.accounts import hash_password
from app.access.actors import EMPLOYER, GRADUATE, STAFF, Actor
from app.access.models import Account
from app.access.sessions import end_sessions_of
from app.access.usernames import looks_like_id_number
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Forbidden, Invalid, Throttled, Unauthenticated

_LONGEST = 256  # hashing costs time by length: a stranger's megabyte is not hashed

API_DOOR = "api"
DOOR_OF_KIND = {EMPLOYER: "employer", GRADUATE: "graduate", **dict.fromkeys(STAFF, "school")}
DOORS = tuple(dict.fromkeys(DOOR_OF_KIND.values()))


class WrongDoor(Forbidden):
    """The account is right but belongs to another entrance (R1.1)."""

    def __init__(self, door: str) -> None:
        super().__init__(_("Your account belongs to another entrance. Please log in there."), "wrong_door")
        self.door = door


def authenticate(username: str, password: str, *, ip: str | None, door: str) -> Account:
    """The account that belongs to the name and password; `door` is one of DOORS, or "api" which takes every kind.

    Only failures count: five lock the account for 15 minutes, fifty from one address within ten minutes close the
    address. An unknown name, a switched-off account and a wrong password look the same and take the same time.
    Raises Throttled, Unauthenticated, WrongDoor (right password, other entrance). Serves R1.1.
    """
    name = username.strip()[:_LONGEST].replace("\x00", "")
    by_address = _counted(throttle.ADDRESS, ip or "unknown")
    account = _account(name)
    subject = _counted_as(account.user.username if account else name)
    by_account = _counted(throttle.ACCOUNT, subject, undo=by_address)
    right = check_password_hash(account.user.password or "" if account else _decoy(), password[:_LONGEST])
    if account is None or not right:
        raise Unauthenticated(_("The user name or the password is wrong."), "wrong_credentials")
    throttle.take_back(by_address)
    throttle.forget(throttle.ACCOUNT, subject)
    del by_account
    if door != API_DOOR and DOOR_OF_KIND[account.kind] != door:
        raise WrongDoor(DOOR_OF_KIND[account.kind])
    note_login(account)
    return account


def unlock_account(account: Account, *, actor: Actor) -> None:
    """Let somebody try again at once; called by operators."""
    throttle.forget(throttle.ACCOUNT, _counted_as(account.user.username))
    audit.record("unlock", actor=actor, subject=account.user.username)


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
        audit.record("password", actor=actor, subject=account.user.username)


def check_own_password(account: Account, password: str) -> None:
    """Raise Invalid at `current` unless this is the account's password; five failures lock it, as at the log-in."""
    by_account = _counted(throttle.ACCOUNT, _counted_as(account.user.username))
    if not check_password_hash(account.user.password or "", password[:_LONGEST]):
        raise Invalid({"current": [_("This is not your password now. Please type it again.")]})
    throttle.take_back(by_account)


def _counted_as(username: str) -> str:
    """Under what failures are counted: names of people do not stand in Redis."""
    return blind_index(username).hex()


def _counted(limit: throttle.Limit, subject: str, undo: throttle.Try | None = None) -> throttle.Try:
    one, wait = throttle.begin(limit, subject)
    if one is not None:
        return one
    if undo is not None:
        throttle.take_back(undo)
    raise Throttled(
        wait,
        _(
            "Too many failed tries. Please wait %(minutes)s minutes and try again, or ask for a new password.",
            minutes=-(-wait // 60),
        ),
    )


def _account(username: str) -> Account | None:
    """By user name; graduates also by their ID number, which no user name may look like."""
    if not username:
        return None
    named = Account.person == blind_index(username) if looks_like_id_number(username) else User.username == username
    return session.scalar(select(Account).join(User, User.id == Account.user_id).where(named, User.active))


@lru_cache(maxsize=1)
def _decoy() -> str:
    """A hash that no password fits, so that an unknown name takes as long as a known one."""
    return hash_password("no password is this long " * 4)


def note_login(account: Account) -> None:
    """Keep when the account was last used; called by whatever has found out who is logging in."""
    user: Any = account.user
    with transaction():
        user.last_login = clock.now().replace(tzinfo=None)  # FAB's column knows no zone
        user.login_count = (user.login_count or 0) + 1
        session.add(user)
