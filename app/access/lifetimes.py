"""Accounts of staff do not live for ever: an end date, and a yearly word of the level above that they are needed (R1.4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Date, DateTime, and_, bindparam, or_

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL
from app.access.models import Account
from app.base import clock
from app.base.dates import day_text
from app.base.errors import Forbidden

YEAR: Final = timedelta(days=365)
GRACE: Final = timedelta(days=30)
_CONFIRMED = (PROVINCE, SCHOOL, DEPARTMENT)  # above operators is nobody


def confirm_by(account: Account) -> datetime | None:
    """Until when the level above should say that the account is still needed; None where nobody is asked."""
    return account.confirmed_at + YEAR if account.kind in _CONFIRMED else None


def waits_for_confirmation(account: Account) -> bool:
    """Whether a year has passed: thirty days later nobody can log in with it."""
    due = confirm_by(account)
    return due is not None and due <= clock.now()


def why_closed(account: Account) -> Forbidden | None:
    """Why nobody can log in with this account any more, None while it is open."""
    if account.expires_on is not None and account.expires_on < clock.today():
        return Forbidden(
            _(
                "This account ended on %(day)s. Please ask the level above for a longer time.",
                day=day_text(account.expires_on),
            ),
            "account_ended",
        )
    due = confirm_by(account)
    if due is not None and due + GRACE <= clock.now():
        return Forbidden(
            _(
                "This account has not been confirmed for more than a year, so it is closed. Please ask the level above "
                "to confirm it."
            ),
            "not_confirmed",
        )
    return None


def _today() -> date:
    return clock.today()


def is_open() -> ColumnElement[bool]:
    """The same of accounts joined with their users, for statements: switched on, and why_closed() finds nothing."""
    # Asked when the statement is sent, so that it can be put together before.
    day: Any = bindparam("today", type_=Date, unique=True, callable_=_today)
    since: Any = bindparam("since", type_=DateTime(True), unique=True, callable_=lambda: clock.now() - YEAR - GRACE)
    lasts = or_(Account.expires_on.is_(None), Account.expires_on >= day)
    confirmed = or_(Account.kind.not_in(_CONFIRMED), Account.confirmed_at > since)
    return and_(User.active, lasts, confirmed)
