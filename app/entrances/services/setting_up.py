"""A new account of staff: its person sets the own password by the link that was sent to them (R1.4)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access import audit, setup_links, throttle
from app.access.actors import Actor
from app.access.models import Account
from app.access.passwords import check_password
from app.access.services import change_password, unlock_account
from app.base.database import transaction
from app.base.errors import Conflict, Throttled
from app.passcodes.phones import take_number

DONE = "setup_done"
_GUESSES = throttle.Limit("setup_link_guess", most=20, window=10 * 60, wait=0)


def account_to_set_up(token: str, *, ip: str | None, lock: bool = False) -> Account:
    """The account of a link that holds; called by strangers who have it. Raises Conflict `link_over`, Throttled."""
    attempt, wait = throttle.begin(_GUESSES, ip or "unknown")
    if attempt is None:
        raise Throttled(wait)
    account = setup_links.account_behind(token, lock=lock)
    if account is None:
        raise Conflict(
            _("This link has been used or is too old. Please ask the level above to send a new one."), "link_over"
        )
    throttle.take_back(attempt)
    return account


def finish_setup(token: str, password: Any, *, ip: str | None) -> Account:
    """Set the first own password of the account and use the link up; all its sessions end.

    Called by strangers who have the link. Raises Conflict `link_over`, Invalid, Throttled.
    """
    with transaction():
        account = account_to_set_up(token, ip=ip, lock=True)
        name = account.user.username
        check_password(password, name)
        owner = Actor(
            kind=account.kind,
            user_id=account.user_id,
            username=name,
            name=account.name,
            province_id=account.province_id,
            school_id=account.school_id,
            ip=ip,
        )
        change_password(account, password, actor=owner)
        unlock_account(account, actor=owner)
        if account.mobile:
            take_number(account, account.mobile)
        audit.record(DONE, actor=owner, subject=name, about=account)
    return account
