"""Log-in by an account of another provider that a graduate has bound, such as WeChat (R1.2, R10.3)."""

from __future__ import annotations

from typing import Final

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit, throttle
from app.access.actors import GRADUATE, Actor
from app.access.lifetimes import why_closed
from app.access.models import Account
from app.access.services import note_login
from app.base.database import session
from app.base.errors import AppError, NotFound, Throttled, Unauthenticated
from app.notices.addresses import users_bound_to
from app.notices.channels.base import BoundChannel, Refused, Unavailable
from app.notices.explanations import channel_label

# Answers that let nobody in, by address; a campus is one.
FAILED: Final = throttle.Limit("channel_login", most=60, window=600, wait=0)


def log_in_by_channel(asked: BoundChannel, code: str, *, ip: str | None) -> Account:
    """The account of the one graduate who has bound the address behind the provider's code; called by strangers.

    Nothing is registered, activated or bound. Raises Throttled, Unauthenticated (the provider does not know the code),
    NotFound `not_bound`, Forbidden (closed).
    """
    one, wait = throttle.begin(FAILED, ip or "unknown")
    if one is None:
        raise Throttled(wait)
    try:
        account = _account_behind(asked, code)
    except AppError as refusal:
        who = Actor(kind="stranger", name=asked.name, ip=ip)
        detail = {"door": "graduate", "code": refusal.code, "way": asked.name}
        audit.record_apart(audit.LOGIN_FAILED, actor=who, subject=asked.name, detail=detail)
        raise
    throttle.take_back(one)
    note_login(account)
    return account


def _account_behind(asked: BoundChannel, code: str) -> Account:
    label = channel_label(asked.name)
    try:
        address = asked.address_for(code)
    except (Refused, Unavailable) as error:
        raise Unauthenticated(
            _("%(channel)s did not confirm who you are. Please start again.", channel=label), "not_confirmed"
        ) from error
    own = (Account.kind == GRADUATE, Account.user_id.in_(users_bound_to(asked.name, address)), User.active)
    found = session.scalars(select(Account).join(Account.user).where(*own).limit(2)).all()
    if len(found) != 1:  # what two have bound names neither
        raise NotFound(
            _(
                "This %(channel)s opens no account yet. Please log in another way once, then bind it under “Messages”.",
                channel=label,
            ),
            "not_bound",
        )
    closed = why_closed(found[0])
    if closed is not None:
        raise closed
    return found[0]
