"""The audit trail for those who watch over a place, and for graduates who ask who saw their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access import looks
from app.access.actors import EMPLOYER, OPERATOR, PROVINCE, Actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.access.words import KIND_NAMES
from app.base.database import session
from app.base.errors import NotFound
from app.employers.models import Employer
from app.trail import heads
from app.trail.words import action_label, subject_label

VIEW = "audit"
MOST_READERS = 500


@dataclass(frozen=True)
class Reading:
    """One time that somebody saw or took away something of a graduate; staff by place and post."""

    at: datetime
    who: str
    role: str
    what: str


def readers_of(actor: Actor) -> list[Reading]:
    """Who looked at or downloaded the actor's records, newest first; without the graduate's own looks."""
    shown = (looks.READ, looks.DOWNLOAD)
    query = (
        select(AuditLine)
        .where(AuditLine.graduate_id.in_(actor.graduate_ids), AuditLine.action.in_(shown))
        .where(AuditLine.actor_id.is_distinct_from(actor.user_id))
        .order_by(AuditLine.id.desc())
        .limit(MOST_READERS)
    )
    lines = session.scalars(query).all()
    accounts = _accounts_of(lines)
    units = _units_of(accounts)
    return [
        Reading(line.at, _who(line, accounts.get(line.actor_id), units), line.role or "", _what(line)) for line in lines
    ]


def _accounts_of(lines: Sequence[AuditLine]) -> dict[int | None, Account]:
    numbers = {line.actor_id for line in lines if line.actor_id is not None}
    query = select(Account).where(Account.user_id.in_(numbers)).options(*_places())
    return {account.user_id: account for account in session.scalars(query)} if numbers else {}


def _places() -> tuple[Any, ...]:
    return tuple(joinedload(one) for one in (Account.province, Account.school, Account.department))


def _units_of(accounts: dict[int | None, Account]) -> dict[int, str]:
    numbers = {account.employer_id for account in accounts.values() if account.employer_id is not None}
    if not numbers:
        return {}
    return dict(session.execute(select(Employer.id, Employer.name).where(Employer.id.in_(numbers))).tuples().all())


def _who(line: AuditLine, account: Account | None, units: dict[int, str]) -> str:
    """By place and post, never by a person's name."""
    role = line.role or ""
    post = str(KIND_NAMES.get(role, role))
    if account is None:
        return post
    if role == EMPLOYER:
        return units.get(account.employer_id or 0) or post
    if role == OPERATOR:
        return post
    if role == PROVINCE:
        return _("%(place)s: %(post)s", place=account.province.name, post=post)
    places = [place.name for place in (account.school, account.department) if place is not None]
    return _("%(place)s: %(post)s", place=" ".join(places), post=post)


def _what(line: AuditLine) -> str:
    return _("%(action)s: %(subject)s", action=action_label(line.action), subject=subject_label(line.subject))


def published_days() -> list[tuple[str, str | None]]:
    """The days of which heads are sealed and the digests of their files, newest first."""
    told = select(AuditLine.subject, AuditLine.detail).where(AuditLine.action == heads.SEALED)
    digests = {day: detail.get("digest") for day, detail in session.execute(told)}
    return [(day, digests.get(day)) for day in reversed(heads.days())]


def published_file(day: str) -> bytes:
    """The file of a day as it was sealed; raises NotFound."""
    try:
        return heads.file_of(date.fromisoformat(day).isoformat()).content
    except (ValueError, FileNotFoundError):
        raise NotFound() from None
