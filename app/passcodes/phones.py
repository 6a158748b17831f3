"""What reaches a person alone, and since when: the own number, or a WeChat that is bound. What the school writes on the
roster proves nothing (R1.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict
from app.notices import channels
from app.notices.addresses import own_bindings
from app.notices.messages import SMS

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


def reached_by(account: Account, channel: str | None = None) -> tuple[str, str]:
    """By which channel and where codes for binding acts go: the chosen one, else by SMS to the own number.

    Where there is no number or nothing sends to one, to what the person has bound. Raises Conflict `no_phone`,
    `channel_missing`, `not_bound`.
    """
    bound = settled_bindings(account)
    if channel not in (None, SMS):
        if channel not in bound:
            raise Conflict(
                _("Codes go only to what you have bound yourself, and not in the first seven days."), "not_bound"
            )
        return channel, bound[channel]
    if bound and (account.mobile is None or channels.channel(SMS) is None):
        return next(iter(bound.items()))
    return SMS, own_phone(account)


def settled_bindings(account: Account) -> dict[str, str]:
    """Where codes may go besides the own number, by channel, such as a WeChat: what opens the account as well, was bound
    by this person alone, and as long ago as a number has to be.
    """
    known = channels.channels_of_log_in()
    bound = own_bindings(account.user_id, until=clock.now() - SETTLED) if known else {}
    return {name: address for name, address in bound.items() if name in known}


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
