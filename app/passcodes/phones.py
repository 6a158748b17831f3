"""Which number is a person's own, and since when: what the school writes on the roster proves nothing (R1.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict

SETTLED: Final = timedelta(days=7)  # long enough for whoever held the number before to hear of it and object


def account_of_person(person: bytes) -> Account | None:
    """The account of the person behind a blind index, None before anybody has activated one."""
    return session.scalar(select(Account).where(Account.person == person))


def own_phone(account: Account) -> str:
    """The number that the person has shown to hold; raises Conflict `no_phone`."""
    if account.mobile is None:
        raise Conflict(
            _(
                "No mobile number of yours is known yet, so no code can be sent. Please add your own number under "
                "“Me”, log-in and security."
            ),
            "no_phone",
        )
    return account.mobile


def settles_at(account: Account) -> datetime | None:
    """When the number counts as the person's own; None when it does already.

    At once where an identity provider has named the same number, else after seven days without a change: till then
    whoever was reached before can object.
    """
    if account.mobile is None or account.mobile_since is None:
        return clock.now() + SETTLED
    if account.mobile_vouched_at is not None and account.mobile_vouched_at >= account.mobile_since:
        return None
    due = account.mobile_since + SETTLED
    return due if due > clock.now() else None


def take_number(account: Account, number: str, *, vouched: bool = False) -> None:
    """Note that the person has shown to hold this number, in the caller's transaction.

    `vouched`: an identity provider says so. A number that stays the same does not begin its seven days anew.
    """
    now = clock.now()
    if account.mobile != number or account.mobile_since is None:
        account.mobile, account.mobile_since, account.mobile_vouched_at = number, now, None
    if vouched:
        account.mobile_vouched_at = now
