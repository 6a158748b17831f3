"""Whom a reminder would reach, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.access.actors import Actor
from app.access.models import Account
from app.access.scope import in_scope
from app.base import clock
from app.base.cohorts import is_operable, shown_cohorts
from app.base.database import session
from app.base.settings import settings
from app.base.values.phones import is_mobile
from app.notices.messages import can_be_sent
from app.roster.models import Claim, Graduate
from app.roster.reminders.models import RosterReminder


@dataclass(frozen=True)
class Plan:
    """How many of the chosen graduates would be told, and why the others are not.

    `by_address` have no account and are told by the number or the address on the roster; `without_account` have neither.
    """

    chosen: int
    told: int
    by_address: int
    registered: int
    without_account: int
    lately: int


def interval() -> timedelta:
    """So long nobody is reminded a second time, as the installation has it."""
    return timedelta(days=settings().reminder_days)


def is_registered() -> ColumnElement[bool]:
    """Something of the graduate's is in force or in review."""
    return exists().where(Claim.graduate_id == Graduate.id)


def _account() -> ColumnElement[bool]:
    user = exists().where(User.id == Account.user_id, User.active.is_(True))
    return exists().where(Account.person == Graduate.id_number_index, user)


def is_recent() -> ColumnElement[bool]:
    """The reminder is too young for another one to the same graduate."""
    return RosterReminder.at > clock.now() - interval()


def _lately() -> ColumnElement[bool]:
    return exists().where(RosterReminder.graduate_id == Graduate.id, is_recent())


def _chosen(ids: Sequence[int] | Select[Any], actor: Actor) -> ColumnElement[bool]:
    """In scope, on the roster, in a season that runs."""
    cohorts = [year for year in shown_cohorts() if is_operable(year)]
    return and_(
        Graduate.id.in_(ids), in_scope(Graduate, actor), Graduate.invalid_since.is_(None), Graduate.cohort.in_(cohorts)
    )


def plan_of(ids: Sequence[int], actor: Actor) -> Plan:
    """What a reminder to these graduates would do; writes nothing."""
    registered, account, lately = is_registered(), _account(), _lately()
    chosen, told, done, others, recent = session.execute(
        select(
            func.count(),
            func.count().filter(~registered, account, ~lately),
            func.count().filter(registered),
            func.count().filter(~registered, ~account, ~lately),
            func.count().filter(~registered, lately),
        ).where(_chosen(ids, actor))
    ).one()
    by_address = len(addressed(ids, actor)) if others else 0
    return Plan(chosen, told, by_address, done, others - by_address, recent)


def reachable(ids: Sequence[int], actor: Actor) -> dict[int, int]:
    """Graduate to the user who would be told now."""
    user = select(Account.user_id).where(Account.person == Graduate.id_number_index).limit(1).scalar_subquery()
    query = select(Graduate.id, user).where(_chosen(ids, actor), ~is_registered(), _account(), ~_lately())
    return dict(session.execute(query.order_by(Graduate.id)).tuples().all())


def addressed(ids: Sequence[int], actor: Actor) -> dict[int, str]:
    """Graduate without any account to the number or address on the roster by which this installation can reach them."""
    opened = exists().where(Account.person == Graduate.id_number_index)
    known = or_(Graduate.mobile.is_not(None), Graduate.email.is_not(None))
    query = select(Graduate.id, Graduate.mobile, Graduate.email).where(
        _chosen(ids, actor), ~is_registered(), ~opened, ~_lately(), known
    )
    found = {key: _address(mobile, email) for key, mobile, email in session.execute(query.order_by(Graduate.id))}
    return {key: address for key, address in found.items() if address}


def _address(mobile: str | None, email: str | None) -> str | None:
    """The mobile first; a telephone that takes no text message is no address."""
    candidates = [mobile if mobile and is_mobile(mobile) else None, email]
    return next((one for one in candidates if one and can_be_sent(one)), None)
