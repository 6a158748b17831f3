"""How a confirmation is told: what is registered, in words, and how far it is."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.dates import time_text
from app.cases.home import Telling
from app.household.types import KINDS
from app.leaving.models import Leaving
from app.leaving.numbering import shown_number
from app.leaving.queries import said_by, window_of
from app.leaving.snapshots import destination_rows, household_rows
from app.workflow import history
from app.workflow.stages import Stage

Rows = list[tuple[Any, Any]]


def number_rows(case: Leaving) -> Rows:
    """Both numbers and when it was confirmed; [] before."""
    if case.stage != Stage.IN_FORCE or case.number is None:
        return []
    rows: Rows = [(_("Check number"), shown_number(case.number))]
    if case.transfer_number:
        rows.append((_("Number of the archive transfer"), case.transfer_number))
    return [*rows, (_("Confirmed at"), time_text(case.confirmed_at) if case.confirmed_at else None)]


def parts_of(case: Leaving) -> dict[str, Rows]:
    """Destination, archive and hukou in words; an empty list where none is registered."""
    registered = said_by(case)["registered"]
    parts: dict[str, Rows] = {"destination": [*destination_rows(registered["destination"])]}
    return parts | {kind: [*household_rows(kind, registered[kind])] for kind in KINDS}


def leaving_rows(case: Leaving) -> Rows:
    """All of it in one list."""
    names = {"destination": _("Destination"), "archive": _("Archive"), "hukou": _("Hukou")}
    rows = number_rows(case)
    for kind, part in parts_of(case).items():
        first, *rest = part or [(None, _("Not registered"))]
        rows += [(names[kind], first[1]), *rest]
    return rows


def last_words(case: Leaving) -> list[tuple[str, str]]:
    """The last report of the graduate and the school's last answer, each (event, text), the newest last."""
    found = {
        row.event: row for row in history.of_case(case.workflow_name, case.id) if row.event in ("report", "answer")
    }
    return [(row.event, row.reason or "") for row in sorted(found.values(), key=lambda row: row.id)]


def tell(case: Leaving, actor: Actor) -> Telling:
    """A confirmation on the graduate's home; it asks for something as long as it can be confirmed."""
    del actor
    if case.stage == Stage.IN_FORCE:
        return Telling(
            title=_("Leaving confirmed"),
            lines=[("shield-check", _("Check number %(number)s", number=shown_number(case.number or "")))],
            verb=_("Open the sheet"),
        )
    window = window_of(case)
    is_open = case.reopened_at is not None or (window is not None and window.is_open)
    lines = []
    if case.reopened_at is not None and case.stage == Stage.OFFERED:
        lines = [("circle-alert", _("What you confirmed has changed. Please confirm it once more."))]
    return Telling(lines=lines, verb=_("Look through and confirm"), asks=is_open and case.stage == Stage.OFFERED)
