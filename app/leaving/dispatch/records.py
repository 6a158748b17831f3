"""How the way of an archive is told, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.dates import day_text
from app.base.wording import joined
from app.cases.home import Telling
from app.codes import queries as codes
from app.household.records import shown
from app.household.types import ARCHIVE, LABELS
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import RECEIVER, receiver_in
from app.leaving.dispatch.ways import TABLE
from app.leaving.queries import leaving_of
from app.workflow.stages import Stage

Rows = list[tuple[Any, Any]]


def way_word(case: Dispatch) -> str:
    """The way in words; "" before it was sent."""
    return codes.label(TABLE, case.way) if case.way else ""


def way_rows(case: Dispatch) -> Rows:
    """Where the archive is: number, way, days and who has signed, as far as they are known."""
    rows: Rows = [(_("Number of the archive transfer"), case.number)]
    if case.sent_on:
        rows += [(_("Way of dispatch"), way_word(case)), (_("Sent on"), day_text(case.sent_on))]
        rows += [(_("Tracking number"), case.tracking_number)] if case.tracking_number else []
    if case.received_on:
        rows += [(_("Received on"), day_text(case.received_on))]
        rows += [(_("Received by"), case.data["received_by"])] if case.data.get("received_by") else []
    return rows + ([(_("Came back on"), day_text(case.returned_on))] if case.returned_on else [])


def receiver_rows(case: Dispatch) -> Rows:
    """To whom it goes."""
    names = ("transfer_type", *RECEIVER)
    return [(LABELS[name], shown(ARCHIVE, name, case.data[name])) for name in names if case.data.get(name)]


def receiver_name(case: Dispatch) -> Rows:
    """The same in a line; [] where it goes to nobody."""
    return [(LABELS["receiver"], case.data["receiver"])] if case.data.get("receiver") else []


def dispatch_rows(case: Dispatch) -> Rows:
    """All of it in one list."""
    return [*way_rows(case), *receiver_rows(case)]


def goes_elsewhere(case: Dispatch) -> str:
    """What is confirmed by now, where that is not the receiver to whom it was sent; "" where it is."""
    receiver = receiver_in(leaving_of(case.graduate_id))
    wanted = (receiver or {}).get("receiver", "")
    return str(wanted) if wanted and wanted != case.data.get("receiver") else ""


def how_sent(case: Dispatch) -> str:
    """Way, day and number in one line; "" before it was sent."""
    if case.sent_on is None:
        return ""
    return _sent(case.way or "", case.sent_on, case.tracking_number)


def _sent(way: str, day: date, number: str | None) -> str:
    parts = [codes.label(TABLE, way), day_text(day)]
    return str(joined([*parts, *([_("number %(number)s", number=number)] if number else [])]))


def told_changes(changes: Mapping[str, Any]) -> list[str]:
    """What a step of the history has written down."""
    said = []
    for name, (_before, after) in changes.items():
        if name == "sent":
            said.append(_sent(after[0], date.fromisoformat(after[1]), after[2]))
        else:
            said.append(day_text(date.fromisoformat(after[0])))
    return said


def tell(case: Dispatch, actor: Actor) -> Telling:
    """The archive on the graduate's home: to whom it goes, and how it was sent."""
    del actor
    lines = [("folder", case.data["receiver"])] if case.data.get("receiver") else []
    how = how_sent(case)
    return Telling(lines=[*lines, *([("calendar", how)] if how else [])], verb=_("See where my archive is"), asks=False)


def facts(case: Dispatch) -> dict[str, str]:
    """What notices tell of it: the receiver stands where others have their unit."""
    return {"unit": case.data.get("receiver") or "", "changes": how_sent(case)}


def meaning(case: Dispatch) -> str:
    """What the state means for the graduate, in a sentence."""
    receiver = case.data.get("receiver") or ""
    if case.stage == Stage.IN_FORCE:
        return _("%(receiver)s has your archive. Nothing is left to be done.", receiver=receiver)
    if case.stage == Stage.ENDED:
        return _("Your archive stays at the school, as you have confirmed.")
    if case.returned_on:
        return _("The post brought your archive back. The school sends it again; the reason stands below.")
    if case.waits_for is not None and case.sent_on:
        return _(
            "Your archive was sent to %(receiver)s on %(day)s, and no receipt has come back. Your school asks there; "
            "please ask there too, with the tracking number.",
            receiver=receiver,
            day=day_text(case.sent_on),
        )
    if case.sent_on:
        return _(
            "Your archive is on its way to %(receiver)s. Ask there after some days; it is never handed to you.",
            receiver=receiver,
        )
    return _("Your archive lies at the school and is sent to %(receiver)s. You are told when.", receiver=receiver)
