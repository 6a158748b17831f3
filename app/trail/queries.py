"""The audit trail for those who watch over a place, and for graduates who ask who saw their records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import String, and_, exists, literal, select, union_all
from sqlalchemy.orm import joinedload

from app.access import audit, looks
from app.access.actors import EMPLOYER, OPERATOR, PROVINCE, Actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.access.reveals import REASONS
from app.access.scope import in_scope
from app.access.words import KIND_NAMES
from app.base.clock import moment
from app.base.database import session
from app.base.errors import NotFound
from app.employers.models import Employer
from app.roster.services.graduates import CONFIRMATION
from app.trail import heads
from app.trail.words import action_label, subject_label
from app.workflow import engine, registry
from app.workflow.models import History

VIEW = "audit"
MOST_READERS = MOST_ACTS = 500


@dataclass(frozen=True)
class Reading:
    """One time that somebody saw or took away something of a graduate; staff by place and post."""

    at: datetime
    who: str
    role: str
    what: str


def readers_of(actor: Actor) -> list[Reading]:
    """Who looked at or downloaded the actor's records, newest first; without the graduate's own looks."""
    shown = (looks.READ, looks.DOWNLOAD, audit.REVEAL)
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


def readings_json(actor: Actor) -> list[dict[str, Any]]:
    """The same in the shape of the interface."""
    return [{"at": moment(one.at), "who": one.who, "role": one.role, "what": one.what} for one in readers_of(actor)]


@dataclass(frozen=True)
class Act:
    """One thing that was done in a graduate's name or with a record of theirs, and what proved who it was."""

    at: datetime
    workflow: str
    case_id: int | None
    event: str
    actor: str
    role: str
    proof: Mapping[str, Any] | None
    row: History | None = None  # None where it was no step of a case


def record_of(actor: Actor) -> list[Act]:
    """Every step of every case of the actor, and the confirmation of their information, newest first."""
    mine = union_all(
        *(
            select(literal(flow.name, String).label("workflow"), flow.model.id.label("case_id")).where(
                in_scope(flow.model, actor)
            )
            for flow in registry.all_workflows()
            if hasattr(flow.model, "graduate_id")
        )
    ).subquery()
    own = exists().where(and_(mine.c.workflow == History.workflow, mine.c.case_id == History.case_id))
    steps = session.scalars(select(History).where(own).order_by(History.id.desc()).limit(MOST_ACTS))
    acts = [Act(row.at, row.workflow, row.case_id, row.event, row.actor, row.role, row.proof, row) for row in steps]
    confirmed = select(AuditLine).where(AuditLine.graduate_id.in_(actor.graduate_ids), AuditLine.action == "confirmed")
    acts += [
        Act(line.at, CONFIRMATION[0], None, CONFIRMATION[1], actor.name, line.role or "", line.detail.get("proof"))
        for line in session.scalars(confirmed)
    ]
    return sorted(acts, key=lambda act: act.at, reverse=True)[:MOST_ACTS]


def cases_of(acts: Iterable[Act]) -> dict[tuple[str, int], Any]:
    """The cases that these acts are about, one statement a workflow; the reader has been found to be theirs."""
    ids: dict[str, set[int]] = {}
    for act in acts:
        if act.case_id is not None:
            ids.setdefault(act.workflow, set()).add(act.case_id)
    found: dict[tuple[str, int], Any] = {}
    for name, numbers in ids.items():
        model: Any = registry.get(name).model
        query = select(model).where(model.id.in_(numbers)).options(*engine.eager_options(model))
        found.update({(name, case.id): case for case in session.scalars(query)})
    return found


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
    what = _("%(action)s: %(subject)s", action=action_label(line.action), subject=subject_label(line.subject))
    if line.action != audit.REVEAL:
        return what
    return _("%(what)s (%(reason)s)", what=what, reason=REASONS.get(line.detail.get("reason", ""), ""))


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
