"""The second factor of staff: codes of an app by time (TOTP), and recovery codes for when the phone is lost (R1.1)."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pyotp
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, DateTime, ForeignKey, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.access import audit, throttle
from app.access.actors import STAFF, Actor
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import Model, session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, Throttled, Unauthenticated
from app.base.sealed import EncryptedText
from app.base.settings import settings
from app.base.spelling import compacted

RECOVERY_CODES: Final = 10
_PERIOD = 30
_TRIES = throttle.Limit("second_factor", most=10, window=15 * 60, wait=0)


class SecondFactor(Model):
    """What proves that somebody holds their phone; on from the first right code."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(EncryptedText)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # a code of this time or before is not taken again
    recovery: Mapped[list[Any]] = mapped_column(JSONB, default=list)  # keyed digests of the codes that are left


REQUIRED = "otp_required"


class SecondFactorAsked(Unauthenticated):
    """The password is right; the code is missing or wrong."""

    def __init__(self, user_id: int, *, wrong: bool) -> None:
        text = (
            _("The code is wrong or was used already. Please enter the one that the app shows now.")
            if wrong
            else _("Please enter the code of your authenticator app, or one of your recovery codes.")
        )
        super().__init__(text, "otp_wrong" if wrong else REQUIRED)
        self.user_id = user_id


def begin(*, actor: Actor) -> tuple[str, str]:
    """A new secret and its address for the app; it is not on before confirm(). Called by staff for themselves.

    Raises Forbidden, Conflict `totp_on`.
    """
    user_id = _own(actor)
    secret = pyotp.random_base32(32)
    with transaction():
        row = _row(user_id)
        if row is not None and row.confirmed_at is not None:
            raise Conflict(_("The second factor is on already. Please switch it off first."), "totp_on")
        session.merge(SecondFactor(user_id=user_id, secret=secret, confirmed_at=None, last_step=0, recovery=[]))
    return secret, _uri(secret, actor)


def waiting_secret(*, actor: Actor) -> tuple[str, str] | None:
    """The secret that waits for its first code, and its address; for the page that shows it."""
    row = session.get(SecondFactor, actor.user_id)
    if row is None or row.confirmed_at is not None:
        return None
    return row.secret, _uri(row.secret, actor)


def is_on(user_id: int | None) -> bool:
    """Whether the account asks for a second factor."""
    query = select(SecondFactor.user_id).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return session.scalar(query) is not None


def confirm(code: Any, *, actor: Actor) -> list[str]:
    """Switch it on with a code of the app; returns the recovery codes, which are shown this once.

    Raises Forbidden, Conflict `totp_not_begun`, Invalid at `code`, Throttled.
    """
    user_id = _own(actor)
    with _counted(user_id), transaction():
        row = _row(user_id)
        if row is None or row.confirmed_at is not None:
            raise Conflict(_("There is nothing to confirm. Please begin with a new secret."), "totp_not_begun")
        _take_or_refuse(row, code, recovery=False)
        row.last_step = 0  # this one has opened nothing: the first log-in may come within the same half minute
        codes = [f"{secrets.token_hex(2)}-{secrets.token_hex(3)}" for _one in range(RECOVERY_CODES)]
        row.confirmed_at, row.recovery = clock.now(), [_digest(user_id, one) for one in codes]
        audit.record("totp_on", actor=actor, subject=actor.username)
    return codes


def remove(code: Any, *, actor: Actor) -> None:
    """Switch it off, with a code. Raises Forbidden, Conflict `totp_off`, Invalid at `code`, Throttled."""
    user_id = _own(actor)
    with _counted(user_id), transaction():
        row = _row(user_id)
        if row is None or row.confirmed_at is None:
            raise Conflict(_("No second factor is on."), "totp_off")
        _take_or_refuse(row, code, recovery=True)
        session.delete(row)
        audit.record("totp_off", actor=actor, subject=actor.username)


def check(user_id: int, code: Any) -> None:
    """At the log-in, after the password: raises SecondFactorAsked where one is on and this is not its code.

    A code of the app is taken once, a recovery code is used up; the caller counts the failures.
    """
    if not is_on(user_id):
        return
    if not isinstance(code, str) or not code.strip():
        raise SecondFactorAsked(user_id, wrong=False)
    with transaction():
        row = _row(user_id)
        if row is None or not _takes(row, code, recovery=True):
            raise SecondFactorAsked(user_id, wrong=True)


def drop(user_id: int) -> bool:
    """Switch it off for somebody who has lost phone and recovery codes; whether there was one. In the caller's
    transaction, who has checked that the level above asks.
    """
    row = _row(user_id)
    if row is not None:
        session.delete(row)
    return row is not None


def _uri(secret: str, actor: Actor) -> str:
    """The address that an app reads; it names the platform by its host."""
    host = urlsplit(settings().public_url).hostname or ""
    return pyotp.TOTP(secret).provisioning_uri(name=actor.username, issuer_name=host)


def _own(actor: Actor) -> int:
    if actor.kind not in STAFF or actor.user_id is None:
        raise Forbidden(_("The second factor is for accounts of staff."))
    return actor.user_id


def _row(user_id: int) -> SecondFactor | None:
    return session.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)


@contextmanager
def _counted(user_id: int) -> Iterator[None]:
    """Wrong codes of somebody who is logged in: ten within a quarter of an hour."""
    one, wait = throttle.begin(_TRIES, str(user_id))
    if one is None:
        raise Throttled(wait)
    try:
        yield
    except Invalid:
        raise
    except BaseException:
        throttle.take_back(one)
        raise
    throttle.take_back(one)


def _take_or_refuse(row: SecondFactor, code: Any, *, recovery: bool) -> None:
    if not isinstance(code, str) or not _takes(row, code, recovery=recovery):
        raise Invalid(
            {"code": [_("The code is wrong or was used already. Please enter the one that the app shows now.")]}
        )


def _takes(row: SecondFactor, code: str, *, recovery: bool) -> bool:
    typed = compacted(code[:64])
    if typed.isascii() and typed.isdigit() and len(typed) == 6:
        return _takes_time(row, typed)
    digest = _digest(row.user_id, typed.lower())
    if not recovery or digest not in row.recovery:
        return False
    row.recovery = [one for one in row.recovery if one != digest]
    return True


def _takes_time(row: SecondFactor, typed: str) -> bool:
    """Clocks may differ by half a minute; a step that was used, or one before it, is gone."""
    # The time of the phone, which no test or trial moves.
    now, totp = int(time.time()) // _PERIOD, pyotp.TOTP(row.secret)
    for step in (now, now - 1, now + 1):
        if step > row.last_step and hmac.compare_digest(totp.at(step * _PERIOD), typed):
            row.last_step = step
            return True
    return False


def _digest(user_id: int, code: str) -> str:
    return blind_index(f"recovery:{user_id}:{code}").hex()
