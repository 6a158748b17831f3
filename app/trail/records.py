"""Everything about a person on paper, in the words of the pages: the same as own.data_of gives to programs."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actors import Actor
from app.base import clock
from app.base.dates import time_text
from app.base.wording import joined
from app.cases import progress
from app.cases.records import said_rows
from app.codes.graduate_fields import FIELDS
from app.codes.words import in_full
from app.documents.queries import attachments_of
from app.documents.records import Part, Table, render_records
from app.roster.snapshots import value_of
from app.trail import own
from app.trail.queries import readers_of
from app.workflow import history, registry

_OF_USER = {
    "name": _l("Name"),
    "sex": _l("Sex"),
    "department": _l("Department"),
    "post": _l("Post"),
    "email": _l("E-mail"),
    "work_phone": _l("Office phone"),
    "fax": _l("Fax"),
    "mobile": _l("Mobile"),
}


def printed_data(actor: Actor) -> bytes:
    """All that is kept of the actor, in full, as PDF; raises Forbidden as own.data_of."""
    mine, now = own.all_of(actor), clock.now()
    said = [
        _("Made for %(name)s (%(username)s) on %(when)s.", name=actor.name, username=actor.username, when=_at(now)),
        _(
            "This is not masked: please keep it where nobody else reads it. Files that you handed in are named by digest."
        ),
    ]
    parts = [_account(mine), *_roster(mine), *_records(mine, actor), *_notices(mine), *_readers(mine, actor)]
    return render_records(_("All data about me"), said, parts, made_at=now)


def _at(value: Any) -> str:
    return time_text(value) if value else ""


def _account(mine: own.Own) -> Part:
    account = mine.account
    rows = [
        (_("User name"), account.user.username),
        (_("Name"), account.name),
        (_("Mobile"), account.mobile),
        (_("Mobile since"), _at(account.mobile_since)),
        (_("E-mail"), account.email),
        (_("Created"), _at(account.created_at)),
    ]
    user = [(label, getattr(mine.user, name)) for name, label in _OF_USER.items()] if mine.user else []
    return Part(_("Account"), [Table(rows), *([Table(user, _("Personal information"))] if user else [])])


def _roster(mine: own.Own) -> list[Part]:
    tables = [
        Table(
            [(field.label, in_full(field, value_of(row, field))) for field in FIELDS], f"{row.school.name} {row.cohort}"
        )
        for row in mine.roster
    ]
    return [Part(_("Basic information"), tables)] if tables else []


def _records(mine: own.Own, actor: Actor) -> list[Part]:
    parts = []
    for name, cases in mine.records.items():
        flow, ids = registry.get(name), [case.id for case in cases]
        past = history.of_cases(name, ids)
        files = attachments_of(name, ids) if flow.files is not None else {}
        tables = [_record(case, actor, past[case.id], files.get(case.id, [])) for case in cases]
        parts.append(Part(flow.label, tables))
    return parts


def _record(case: Any, actor: Actor, past: Any, files: Any) -> Table:
    state = registry.get(case.workflow_name).label_of(case, actor)
    rows = [*said_rows(case), *((_("File"), f"{one['name']} · SHA-256 {one['sha256']}") for one in files)]
    for step in progress.timeline(case, actor, past):
        told = [step["label"], f"{step['actor']} ({step['role']})", step["reason"], step["proof"]]
        rows.append((_at(step["at"]), "\n".join(str(one) for one in told if one)))
    return Table(rows, " · ".join(filter(None, (f"#{case.id}", case.number, str(state)))))


def _notices(mine: own.Own) -> list[Part]:
    rows = [(_at(one.created_at), joined([one.title, one.text])) for one in mine.notices]
    return [Part(_("Messages"), [Table(rows)])] if rows else []


def _readers(mine: own.Own, actor: Actor) -> list[Part]:
    rows = [(_at(one.at), f"{one.who}\n{one.what}") for one in readers_of(actor)] if mine.roster else []
    return [Part(_("Who saw my information"), [Table(rows)])] if rows else []
