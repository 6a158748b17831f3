"""Verification codes: six digits (eight for a new password), ten minutes, five tries, one purpose (R1.2, R1.10)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select, update

from app.access import throttle
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import lasting, session, transaction
from app.base.errors import Conflict, Invalid, Throttled
from app.base.masks import mask_account, mask_address
from app.base.spelling import compacted
from app.base.wording import present
from app.notices import channels
from app.notices.channels.development import DevelopmentChannel
from app.notices.messages import EMAIL, SMS, channel_of
from app.passcodes.asking import guessing
from app.passcodes.models import RECOVERY, VerificationCode
from app.workflow import outbox

MINUTES: Final = 10
MOST_TRIES: Final = 5
DIGITS: Final = 6
DIGITS_OF: Final = {RECOVERY: 8}  # it opens an account that is in use
# Nobody's phone is to be flooded, and nobody uses up another's codes: from one place one code a minute and five an hour
# for one address, from all places together more. A campus is one network address.
PAUSE = throttle.Limit("code_pause", most=1, window=60, wait=0)
AN_HOUR = throttle.Limit("code_hour", most=5, window=3600, wait=0)
OF_ALL = throttle.Limit("code_of_all", most=20, window=3600, wait=0)
NETWORK = throttle.Limit("code_network", most=300, window=600, wait=0)


@dataclass(frozen=True)
class Limits:
    """How often codes may be sent: about the same thing, to one address, and where nothing is really sent."""

    each: tuple[throttle.Limit, ...] = ()
    place: tuple[throttle.Limit, ...] = (PAUSE, AN_HOUR)  # to one address, asked for from one place
    address: tuple[throttle.Limit, ...] = (OF_ALL,)
    unsent: tuple[throttle.Limit, ...] | None = None  # None: the same as where something is


_USUAL = Limits()
_KEPT = timedelta(days=30)  # for the operators' list


def issue_code(
    purpose: str,
    subject: bytes,
    address: str | None,
    *,
    reader: str,
    ip: str | None,
    user_id: int | None = None,
    channel: str | None = None,
    key: str | None = None,
    about: str | None = None,
    limits: Limits = _USUAL,
) -> VerificationCode:
    """Make a code and leave its sending to the workers; earlier ones of the same purpose and subject end.

    Called by services, in their transaction or outside. Without an address the row is made
    all the same, so that nothing can be learned from the time it takes. `channel` follows from the address unless
    given. `key` names whom the limits are about, the
    address unless given. Raises Throttled, Conflict `channel_missing`.
    """
    channel = channel or (channel_of(address) if address else SMS)
    if address and channels.channel(channel) is None:
        raise Conflict(_missing(channel), "channel_missing")
    _refuse_too_many(limits, channel, subject, key or address or subject.hex(), ip)
    digits = DIGITS_OF.get(purpose, DIGITS)
    code = f"{secrets.randbelow(10**digits):0{digits}d}"
    with transaction():
        _end_earlier(purpose, subject)
        row = VerificationCode(
            purpose=purpose,
            subject=subject,
            user_id=user_id,
            about=about,
            reader=reader,
            channel=channel,
            address=address,
            digest=code_digest(purpose, subject, code),
            sealed=code if address else None,
            expires_at=clock.now() + timedelta(minutes=MINUTES),
        )
        session.add(row)
        session.flush()
        if address:
            outbox.post("code", {"code_id": row.id, "language": present()}, key=f"code:{row.id}")
    return row


def check_code(
    code_id: int | None, purpose: str, entered: str, *, ip: str | None = None, answer: Any = None
) -> VerificationCode:
    """The row, if this is its code; a wrong one is counted before anything else happens.

    Called before use_code(), outside any transaction. Of strangers the address is told, by which their wrong codes are
    counted, and `answer` to a question that was asked where many came from; who is logged in is counted by account
    (asking.own_guessing). Raises Invalid at `code`, Throttled (Held).
    """
    with guessing(ip, answer) if ip is not None else nullcontext():
        row = open_code(code_id, purpose)
        return right_code([row] if row is not None else [], entered)


def right_code(rows: Sequence[VerificationCode], entered: str) -> VerificationCode:
    """That of these codes which was entered. A wrong one counts on each of them, though the transaction be undone.

    Raises Invalid at `code`.
    """
    typed, left = compacted(entered), None
    for row in rows:
        tries = _begin_try(row.id)
        if tries is None:
            continue
        if hmac.compare_digest(bytes(row.digest), code_digest(row.purpose, bytes(row.subject), typed)):
            _take_back_try(row.id)
            return row
        left = max(left or 0, MOST_TRIES - tries)
    raise Invalid({"code": [_problem(left)]})


def use_code(row: VerificationCode) -> None:
    """Use the code up, in the transaction of what it allows: of two at once only one gets through.

    Raises Invalid at `code`.
    """
    statement = (
        update(VerificationCode)
        .where(VerificationCode.id == row.id, VerificationCode.used_at.is_(None))
        .where(VerificationCode.expires_at > clock.now())
        .values(used_at=clock.now(), sealed=None)
    )
    with transaction():
        if session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
            raise Invalid({"code": [_GONE]})


def open_code(code_id: int | None, purpose: str) -> VerificationCode | None:
    """The code that a browser is waiting for, None when it has ended or been used."""
    row = session.get(VerificationCode, code_id, populate_existing=True) if code_id else None
    if row is None or row.purpose != purpose or row.used_at is not None or row.expires_at <= clock.now():
        return None
    return row


def open_code_of(purpose: str, subject: bytes) -> VerificationCode | None:
    """The code that can still be used for this purpose and subject; there is one at most."""
    return next(iter(open_codes_of(purpose, [subject])), None)


def open_codes_of(purpose: str, subjects: Sequence[bytes]) -> list[VerificationCode]:
    """The codes that can still be used for this purpose and one of these subjects, newest first."""
    query = select(VerificationCode).where(
        VerificationCode.purpose == purpose,
        VerificationCode.subject.in_(subjects),
        VerificationCode.used_at.is_(None),
        VerificationCode.expires_at > clock.now(),
    )
    return list(session.scalars(query.order_by(VerificationCode.id.desc())))


def shown_code(row: VerificationCode) -> str | None:
    """The code in clear where the development channel stands in for a provider; never in production."""
    return row.sealed if isinstance(channels.channel(row.channel), DevelopmentChannel) else None


def sent_to(row: VerificationCode) -> str:
    """Where a code went, masked."""
    return mask_address(row.address) if row.channel in (SMS, EMAIL) else mask_account(row.address)


def forget_old_codes() -> int:
    """Remove rows that operators no longer need and what is left of codes that have ended; run by the clock.

    Returns how many rows were removed.
    """
    ended = (VerificationCode.expires_at < clock.now(), VerificationCode.sealed.is_not(None))
    with transaction():
        session.execute(update(VerificationCode).where(*ended).values(sealed=None))
        return session.execute(
            delete(VerificationCode).where(VerificationCode.expires_at < clock.now() - _KEPT)
        ).rowcount


_GONE = _("This code can no longer be used. Please have a new one sent.")


def _problem(left: int | None) -> Any:
    """What is told of a wrong code with so many tries left; None: there is no code that could be tried."""
    if left is None:
        return _GONE
    if not left:
        return _("The code is wrong, and it was the last try. Please have a new one sent.")
    return _("The code is wrong. Please compare it with the message; tries left: %(left)s.", left=left)


def _begin_try(code_id: int) -> int | None:
    """Count a try before it is made, for good: many at once cannot slip past. How many there were; None: too many."""
    counted = (
        update(VerificationCode)
        .where(VerificationCode.id == code_id, VerificationCode.tries < MOST_TRIES)
        .values(tries=VerificationCode.tries + 1)
        .returning(VerificationCode.tries)
    )
    with lasting() as own:
        return own.scalar(counted)


def _take_back_try(code_id: int) -> None:
    with lasting() as own:
        own.execute(
            update(VerificationCode).where(VerificationCode.id == code_id).values(tries=VerificationCode.tries - 1)
        )


def _end_earlier(purpose: str, subject: bytes) -> None:
    session.execute(
        update(VerificationCode)
        .where(VerificationCode.purpose == purpose, VerificationCode.subject == subject)
        .where(VerificationCode.used_at.is_(None), VerificationCode.expires_at > clock.now())
        .values(expires_at=clock.now(), sealed=None)
    )


def code_digest(purpose: str, subject: bytes, code: str) -> bytes:
    """What is kept of a code for comparing."""
    return blind_index(f"code:{purpose}:{subject.hex()}:{code}")


def _refuse_too_many(limits: Limits, channel: str, subject: bytes, whom: str, ip: str | None) -> None:
    address = blind_index(whom).hex()
    if limits.unsent is not None and isinstance(channels.channel(channel), DevelopmentChannel):
        for limit in limits.unsent:
            _limit(limit, address)
        return
    _limit(NETWORK, ip or "unknown")
    for limit in limits.each:
        _limit(limit, subject.hex())
    for limit in limits.place:
        _limit(limit, asked_by(whom, ip))
    for limit in limits.address:
        _limit(limit, address)


def asked_by(whom: str, ip: str | None) -> str:
    """Under what the codes are counted that somebody asks for from one place."""
    return blind_index(f"{whom}|{ip or 'unknown'}").hex()


def _limit(limit: throttle.Limit, subject: str) -> None:
    _try, wait = throttle.begin(limit, subject)
    if wait:
        raise Throttled(
            wait,
            _("A code has been sent not long ago. Please wait %(seconds)s seconds before the next one.", seconds=wait),
        )


def _missing(channel: str) -> Any:
    if channel == SMS:
        return _("This installation cannot send text messages. Please call the service line.")
    return _("This installation cannot send e-mail. Please give a mobile number or call the service line.")
