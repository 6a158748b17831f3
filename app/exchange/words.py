"""What files and their states are called."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.base.clock import moment
from app.exchange.models import ARCHIVE, DESTINATION, HUKOU, STUDENTS, ExchangeFile

KINDS = {
    STUDENTS: _("Student list"),
    DESTINATION: _("Graduate destination"),
    ARCHIVE: _("Archive information"),
    HUKOU: _("Hukou information"),
}


def numbers(file: ExchangeFile) -> dict[str, int]:
    """How many messages were taken, refused, wait for an answer, or were given up."""
    lines = file.lines
    return {
        "taken": sum(line.taken is True for line in lines),
        "refused": sum(line.taken is False for line in lines),
        "waiting": sum(line.open for line in lines),
        "given_up": sum(line.taken is None and not line.open for line in lines),
    }


def state_of(file: ExchangeFile) -> str:
    """Whether anything still waits, as people read it."""
    told = numbers(file)
    if told["waiting"]:
        return gettext("%(count)s wait for an answer", count=told["waiting"])
    return gettext("Given up") if told["given_up"] else gettext("Answered")


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
        "closed_at": moment(file.closed_at),
    }
