"""Whom a reminder would reach, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from app.access.actors import Actor
from app.access.models import Account
from app.access.scope import in_scope
from app.base import clock
from app.base.cohorts import is_operable, shown_cohorts
from app.base.database import session
from app.roster.models import Claim, Graduate
from app.roster.reminders.models import RosterReminder

EVERY = timedelta(days=3)


@dataclass(frozen=True)
class Plan:
    """How many of the chosen graduates would be told, and why the others are not."""

    chosen: int
    told: int
    registered: int
    without_account: int
    lately: int


def is_registered() -> ColumnElement[bool]:
    """Something of the graduate's is in force or in review."""
    return exists().where(Claim.graduate_id == Graduate.id)


def _account() -> ColumnElement[bool]:
    user = exists().where(User.id == Account.user_id, User.active.is_(True))
    return exists().where(Account.person == Graduate.id_number_index, user)


def is_recent() -> ColumnElement[bool]:
    """The reminder is too young for another one to the same graduate."""
    return RosterReminder.at > clock.now() - EVERY


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
    counts = session.execute(
        select(
            func.count(),
            func.count().filter(~registered, account, ~lately),
            func.count().filter(registered),
            func.count().filter(~registered, ~account),
            func.count().filter(~registered, account, lately),
        ).where(_chosen(ids, actor))
    ).one()
    return Plan(*counts)


def reachable(ids: Sequence[int], actor: Actor) -> dict[int, int]:
    """Graduate to the user who would be told now."""
    user = select(Account.user_id).where(Account.person == Graduate.id_number_index).limit(1).scalar_subquery()
    query = select(Graduate.id, user).where(_chosen(ids, actor), ~is_registered(), _account(), ~_lately())
    return dict(session.execute(query.order_by(Graduate.id)).tuples().all())
