"""What the public check says of the numbers given here: of a sheet, of an authorization, of an archive on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.base.dates import day_text
from app.base.masks import mask_person
from app.base.values.names import is_same
from app.leaving.authorizations.models import Authorization
from app.leaving.authorizations.services import note_use
from app.leaving.dispatch.queries import days_of
from app.leaving.models import Leaving, LeavingSheet
from app.leaving.numbering import is_check_number, is_transfer_number, typed_number
from app.leaving.snapshots import destination_rows, household_rows
from app.signing.queries import Standing, Verified
from app.workflow.stages import Stage

SHEET, AUTHORIZATION, TRANSFER = "sheet", "authorization", "transfer"
_WHAT = {
    SHEET: _("Sheet of registered destination"),
    AUTHORIZATION: _("Authorization to check"),
    TRANSFER: _("Archive transfer"),
}
_VALID = {
    SHEET: _("This sheet was made here and is as the graduate confirmed it."),
    AUTHORIZATION: _("The graduate lets you check this."),
    TRANSFER: _("An archive is registered here under this number."),
}
_REPLACED = _(
    "This number was given here, but what it stood for has changed since. Do not rely on it; please ask the graduate for "
    "the new one."
)
_OVER = {
    "revoked": _("The graduate has revoked this authorization. Please ask the graduate for another one."),
    "over": _("The day until which this authorization held has passed. Please ask the graduate for another one."),
    "replaced": _(
        "This authorization rests: what the graduate has confirmed is being confirmed again. Please try later, or ask the "
        "graduate."
    ),
}


@dataclass(frozen=True)
class _Known:
    """A number that was given here: of what, in which state it is and since when."""

    kind: str
    case: Leaving
    state: str
    since: datetime | None
    authorization: Authorization | None = None


def checked_by(number: str, name: str, source: str | None) -> Verified | None:
    """The answer to a number and the graduate's name; None where nothing has both.

    By an authorization its parts are told in clear, and the check is noted with its source.
    """
    typed = typed_number(number)
    known = _known(typed)
    if known is None or not is_same((known.case.student or {}).get("name") or known.case.graduate.name, name):
        return None
    return _told(known, source)


def checked_sheet(case: Leaving, paper: str) -> Verified:
    """The answer to a sheet's own file; one that was replaced is kept under its number."""
    number = paper.partition("-")[2] or case.number or ""
    known = _of_sheet(SHEET, session.get(LeavingSheet, number), number)
    return _told(known or _Known(SHEET, case, "replaced", case.state_since))


def _told(known: _Known, source: str | None = None) -> Verified:
    ok = known.state == "valid"
    facts, rows = _facts(known) if ok else (None, [])
    if ok and known.authorization is not None:
        note_use(known.authorization, source)
    text = _VALID[known.kind] if ok else _OVER[known.state] if known.authorization is not None else _REPLACED
    standing = Standing(ok, text, known.state, known.since, _WHAT[known.kind])
    return Verified(None, None, standing, facts, None, clock.now(), rows)


def _known(number: str) -> _Known | None:
    if is_transfer_number(number):
        query = select(LeavingSheet).where(LeavingSheet.transfer_number == number)
        return _of_sheet(TRANSFER, session.scalar(query.order_by(LeavingSheet.confirmed_at.desc()).limit(1)), number)
    if not is_check_number(number):
        return None
    found = session.scalar(select(Authorization).where(Authorization.number == number))
    return _of_authorization(found) if found else _of_sheet(SHEET, session.get(LeavingSheet, number), number)


def _of_sheet(kind: str, sheet: LeavingSheet | None, number: str) -> _Known | None:
    if sheet is None:
        return None
    case = _case(sheet.leaving_id)
    current = case.number if kind == SHEET else case.transfer_number
    if _holds(case) and current == number:
        return _Known(kind, case, "valid", sheet.confirmed_at)
    return _Known(kind, case, "replaced", case.state_since)


def _of_authorization(found: Authorization) -> _Known:
    case = _case(found.leaving_id)
    if found.revoked_at is not None:
        return _Known(AUTHORIZATION, case, "revoked", found.revoked_at, found)
    if found.is_over:
        return _Known(AUTHORIZATION, case, "over", None, found)
    if not _holds(case):
        return _Known(AUTHORIZATION, case, "replaced", case.state_since, found)
    return _Known(AUTHORIZATION, case, "valid", found.created_at, found)


def _holds(case: Leaving) -> bool:
    """Whether what was confirmed holds now; it does not for who was removed from the roster."""
    return case.stage == Stage.IN_FORCE and case.invalid_since is None


def _case(leaving_id: int) -> Leaving:
    return session.scalars(select(Leaving).where(Leaving.id == leaving_id).options(*Leaving.eager_options())).one()


def _facts(known: _Known) -> tuple[dict[str, Any], Sequence[tuple[Any, Any]]]:
    """What is told, for programs and in words."""
    case, registered = known.case, known.case.data["registered"]
    student = case.student or {}
    name, school = mask_person(student["name"]), student["school"]
    if known.authorization is not None:
        return _authorized(known.authorization, registered)
    rows = [(_("Graduate"), name), (_("Graduate's school"), school)]
    if known.kind == TRANSFER:
        receiver = registered["archive"].get("receiver")
        sent, received = days_of(case.graduate_id, case.transfer_number)
        days = {"sent_on": sent, "received_on": received}
        facts = {"kind": TRANSFER, "receiver": receiver, "graduate": name, "school": school, **days}
        told = [(_("Sent on"), sent), (_("Received on"), received)]
        return facts, [(_("Receiving unit"), receiver), *rows, *((label, day_text(day)) for label, day in told if day)]
    label = registered["destination"]["label"]
    facts = {"kind": SHEET, "graduate": name, "school": school, "cohort": case.cohort, "destination": label}
    return facts, [*rows, (_("Cohort"), case.cohort), (_("Destination"), label)]


def _authorized(found: Authorization, registered: dict[str, Any]) -> tuple[dict[str, Any], Sequence[tuple[Any, Any]]]:
    """Exactly the parts that were chosen, without what only the program knows."""
    facts: dict[str, Any] = {"kind": AUTHORIZATION, "to": found.recipient, "until": found.until}
    rows: list[tuple[Any, Any]] = [(_("Authorized"), found.recipient), (_("Until"), day_text(found.until))]
    for part in found.fields:
        record = registered[part]
        inner = ("workflow", "case_id")
        facts[part] = record and {name: value for name, value in record.items() if name not in inner}
        told = destination_rows(record) if part == "destination" else household_rows(part, record)
        rows += told or [(PART_WORDS[part], _("Not registered"))]
    return facts, rows


PART_WORDS = {"destination": _("Destination"), "archive": _("Archive"), "hukou": _("Hukou")}
