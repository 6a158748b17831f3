"""Everything that the platform has about a person, for that person: to read, to keep, to take elsewhere (PIPL, article 45)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.access import looks
from app.access.accounts import account_of_user
from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.access.models import Account
from app.access.scope import in_scope
from app.base import clock
from app.base.clock import moment
from app.base.database import session
from app.base.errors import Forbidden
from app.cases.records import cases_json
from app.codes.graduate_fields import FIELDS
from app.employers.models import EmployerUser
from app.notices.models import Notification
from app.roster.models import Graduate
from app.roster.snapshots import value_of
from app.trail.queries import readings_json
from app.workflow import engine, registry

KINDS = (GRADUATE, EMPLOYER)
FORMATS = ("json", "pdf")
_OF_USER = ("name", "sex", "department", "post", "email", "work_phone", "fax", "mobile")


@dataclass(frozen=True)
class Own:
    """The rows that are kept of one person."""

    account: Account
    roster: list[Graduate]
    user: EmployerUser | None
    records: dict[str, list[Any]]
    notices: list[Notification]


def all_of(actor: Actor) -> Own:
    """All that is kept of the actor; called by graduates and units' users for themselves. The door writes into the
    trail that it was taken. Raises Forbidden for others.
    """
    if actor.kind not in KINDS or actor.user_id is None:
        raise Forbidden()
    account = account_of_user(actor.user_id)
    looks.note(looks.DOWNLOAD, account, "data")
    graduate = actor.kind == GRADUATE
    notices = select(Notification).where(Notification.user_id == actor.user_id).order_by(Notification.id.desc())
    return Own(
        account,
        _mine(Graduate, actor, Graduate.eager_options()) if graduate else [],
        None if graduate else session.scalar(select(EmployerUser).where(EmployerUser.user_id == actor.user_id)),
        _records(actor) if graduate else {},
        list(session.scalars(notices)),
    )


def data_of(actor: Actor) -> dict[str, Any]:
    """All that is kept of the actor, in full, in the shape of the interface; raises Forbidden as all_of."""
    mine = all_of(actor)
    return {
        "made_at": moment(clock.now()),
        "account": _account(mine.account),
        "roster": [_roster_row(row) for row in mine.roster],
        "unit_user": {name: getattr(mine.user, name) for name in _OF_USER} if mine.user else None,
        "records": {name: cases_json(rows, actor) for name, rows in mine.records.items()},
        "notices": [_notice(row) for row in mine.notices],
        "readers": readings_json(actor) if actor.kind == GRADUATE else [],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "username": account.user.username,
        "name": account.name,
        "mobile": account.mobile,
        "mobile_since": moment(account.mobile_since),
        "email": account.email,
        "created_at": moment(account.created_at),
    }


def _roster_row(row: Graduate) -> dict[str, Any]:
    return {field.name: _plain(value_of(row, field)) for field in FIELDS}


def _records(actor: Actor) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for flow in registry.all_workflows():
        if hasattr(flow.model, "graduate_id") and actor.may("can_show", flow.name):
            rows = _mine(flow.model, actor, engine.eager_options(flow.model))
            if rows:
                found[flow.name] = rows
    return found


def _mine(model: Any, actor: Actor, options: Any) -> list[Any]:
    return list(session.scalars(select(model).where(in_scope(model, actor)).options(*options).order_by(model.id)))


def _notice(row: Notification) -> dict[str, Any]:
    return {"at": moment(row.created_at), "title": row.title, "text": row.text, "read_at": moment(row.read_at)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
