"""What files and their states are called."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.base.clock import moment
from app.ems.by_file import ARCHIVE, DESTINATION, HUKOU, STUDENTS
from app.exchange.models import ExchangeFile

KINDS = {
    STUDENTS: _("Student list"),
    DESTINATION: _("Graduate destination"),
    ARCHIVE: _("Archive information"),
    HUKOU: _("Hukou information"),
}


def numbers(file: ExchangeFile) -> dict[str, int]:
    """How many messages were taken, refused, wait for an answer, or were given up."""
    return {name: getattr(file, name) for name in ("taken", "refused", "waiting", "given_up")}


def turn_of(file: ExchangeFile) -> tuple[str, str]:
    """Whose turn it is with an open file, as a word and its tone."""
    if file.being_read:
        return gettext("The platform reads the answers"), "theirs"
    if not file.fetched_at:
        return gettext("Your turn: upload it there"), "mine"
    return gettext("Waiting for the employment system"), "theirs"


def next_step(file: ExchangeFile) -> str:
    """What is to be done with an open file."""
    if file.being_read:
        return gettext("Nothing to do for you. The page shows the result in a moment.")
    if not file.fetched_at:
        return gettext("Download the file and upload it in the employment system.")
    if file.taken or file.refused:
        return gettext("Part of the answers has come. Bring the file back again once the rest is known.")
    return gettext(
        "Once its answers are known: fill in the columns of result and reason, and bring the file back here."
    )


def state_of(file: ExchangeFile) -> str:
    """Whether anything still waits, as people read it."""
    if file.waiting:
        return gettext("%(count)s wait for an answer", count=file.waiting)
    return gettext("Given up") if file.given_up else gettext("Answered")


def file_json(file: ExchangeFile) -> dict[str, Any]:
    """A file as the interface tells it."""
    return {
        "id": file.id,
        "name": file.name,
        "province": file.province.code,
        "kind": file.kind,
        "format": file.format,
        "rows": file.rows,
        **numbers(file),
        "made_by": file.made_by,
        "made_at": moment(file.made_at),
        "fetched_at": moment(file.fetched_at),
        "closed_at": moment(file.closed_at),
    }
