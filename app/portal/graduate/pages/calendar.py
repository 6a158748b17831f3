"""Days for the graduate's own calendar, as a file that every phone takes (RFC 5545): the deadline to answer, 报到."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from app.access.actors import GRADUATE
from app.base import clock
from app.base.errors import NotFound
from app.cases.models import CaseMixin
from app.notices.links import public_address
from app.portal.graduate.pages.signings import blueprint
from app.web.current import current_actor
from app.web.links import record_url
from app.web.numbers import row_id
from app.web.pages import page_access
from app.workflow import engine, registry
from app.workflow.stages import Stage

_LINE = 75  # octets; what is longer goes on in the next line, behind a blank


@blueprint.get("/calendar/<workflow>/<case_id>")
@page_access(GRADUATE)
def calendar(workflow: str, case_id: str) -> Response:
    """The day that matters next of a signing; raises NotFound where there is none."""
    case = engine.load(registry.get(workflow), row_id(case_id), actor=current_actor())
    lines = event_of(case)
    if lines is None:
        raise NotFound()
    answer = Response(_file(lines), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f"attachment; filename={case.workflow_name}-{case.id}.ics"
    return answer


@blueprint.app_template_global()
def calendar_url(case: CaseMixin) -> str | None:
    """Where the day of this case is taken; None where it has none."""
    if event_of(case) is None:
        return None
    return url_for("graduate.calendar", workflow=case.workflow_name, case_id=case.id)


def event_of(case: Any) -> list[tuple[str, str]] | None:
    """The lines of the one event that a signing has now: answer while it is offered, report once it is in force."""
    position = (case.data or {}).get("position") or {}
    unit = case.employer.name if case.employer else ""
    if case.stage == Stage.OFFERED and case.valid_until > clock.now():
        what = _("Last hour to answer the invitation of %(unit)s", unit=unit)
        return _event(case, "answer", what, _hour_before(case.valid_until), remind=timedelta(days=1))
    if case.stage == Stage.IN_FORCE and position.get("report_by"):
        what = _("Report for work at %(unit)s", unit=unit)
        lines = _event(case, "report", what, _day(position["report_by"]), remind=timedelta(days=3))
        return [*lines, ("LOCATION", str(position["address"]))] if position.get("address") else lines
    return None


def _event(
    case: Any, kind: str, what: str, when: Sequence[tuple[str, str]], *, remind: timedelta
) -> list[tuple[str, str]]:
    place = public_address(record_url(case.workflow_name, case.id, GRADUATE) or "/")
    return [
        ("UID", f"{case.workflow_name}-{case.id}-{kind}@{place.partition('//')[2].partition('/')[0]}"),
        ("DTSTAMP", _utc(clock.now())),
        ("SEQUENCE", str(case.version)),
        *when,
        ("SUMMARY", what),
        ("DESCRIPTION", place),
        ("URL", place),
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("DESCRIPTION", what),
        ("TRIGGER", f"-P{remind.days}D"),
        ("END", "VALARM"),
    ]


def _hour_before(moment: datetime) -> list[tuple[str, str]]:
    return [("DTSTART", _utc(moment - timedelta(hours=1))), ("DTEND", _utc(moment))]


def _day(text: str) -> list[tuple[str, str]]:
    day = date.fromisoformat(text)
    return [("DTSTART;VALUE=DATE", f"{day:%Y%m%d}"), ("DTEND;VALUE=DATE", f"{day + timedelta(days=1):%Y%m%d}")]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _file(event: Sequence[tuple[str, str]]) -> bytes:
    lines = [
        *(("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//graduates//agreements//ZH"), ("BEGIN", "VEVENT")),
        *event,
        *(("END", "VEVENT"), ("END", "VCALENDAR")),
    ]
    return b"".join(_folded(f"{name}:{_escaped(text)}") for name, text in lines)


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets, none of which cuts a sign."""
    pieces, piece = [], b""
    for sign in line:
        if len(piece) + len(sign.encode()) > _LINE:
            pieces.append(piece)
            piece = b" "
        piece += sign.encode()
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
