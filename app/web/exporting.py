"""The one way out for lists: who may and why, a line in the trail, the format, and where it comes from in every file.

`format` is xlsx, csv or ndjson; `reveal` gives the reason for which masked columns are wanted whole (`words` may say
more), and then each person in the file reads on the phone that their data were taken.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote_plus

from flask import Response, get_template_attribute, request, send_file
from flask_babel import gettext as _
from markupsafe import Markup

from app.access import audit, looks, reveals
from app.access.actors import Actor
from app.access.reveals import Reason
from app.base import clock
from app.base.clock import SHANGHAI, today
from app.base.errors import Malformed
from app.base.wording import listed
from app.web import sheets
from app.web.current import current_actor
from app.web.sheets import Column, JobSheet
from app.workflow import background
from app.workflow.models import Job

_LONGEST_QUERY = 1000
_OWN: Final = ("format", "reveal", "words")  # of an export, not of its list
XLSX: Final = "xlsx"
_FORMATS: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    XLSX: (sheets.MIMETYPE, sheets.write_xlsx),
    "csv": ("text/csv", sheets.write_csv),
    "ndjson": ("application/x-ndjson", sheets.write_ndjson),
}
FORMATS: Final = tuple(_FORMATS)
MIMETYPES: Final = tuple(mimetype for mimetype, _write in _FORMATS.values())


def export_answer(
    name: str, columns: Sequence[Column], rows: Iterable[Any], *, subject: str, detail: Mapping[str, Any]
) -> Response:
    """The rows as a download named after `name` and the day; `subject` and `detail` tell the trail which list it was.

    Raises Malformed for an unknown format, Forbidden and Invalid as reveals.reason_of does.
    """
    actor, kind = current_actor(), _format()
    reason = _reason(actor)
    told = {**detail, "format": kind, **(reason.told if reason else {})}
    audit.record(audit.EXPORT, actor=actor, subject=subject, detail=told)
    mimetype, write = _FORMATS[kind]
    seen: list[audit.AuditLine] = []
    if reason and any(column.whole for column in columns):
        rows = _noted(rows, seen, lambda row: reveals.line_of(row, reason, actor=actor, export=subject))
    file = tempfile.TemporaryFile(suffix=f".{kind}")  # noqa: SIM115  (Flask closes it after sending)
    write(file, columns, sheets.cells_of(columns, rows, reason is not None), origin())
    reveals.write(seen)
    file.seek(0)
    response = send_file(file, mimetype=mimetype, as_attachment=True, download_name=f"export.{kind}")
    title = quote(f"{name}-{today():%Y%m%d}.{kind}")
    response.headers["Content-Disposition"] = f"attachment; filename=export.{kind}; filename*=UTF-8''{title}"
    return response


def download_sheet(address: str, *, masks: bool) -> Markup:
    """The button to other formats, and to masked columns in full for who may; for the search that the page shows."""
    macro = get_template_attribute("components/reveal.html", "download")
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in _OWN]
    reasons = list(reveals.REASONS.items()) if masks and reveals.may_reveal(current_actor()) else []
    return Markup(macro(address, kept, [(kind, kind) for kind in FORMATS], reasons))  # noqa: S704  (made by a template)


def job_sheet(job: Job) -> Response:
    """What became of each item of a long job, in the order in which they were sent; the caller has checked the scope."""
    sheet: JobSheet = background.sheet_of(job)
    rows, subject = background.items_of(job), f"jobs {job.id}"
    return export_answer(str(sheet.name), sheet.columns(), rows, subject=subject, detail={"kind": job.kind})


def origin() -> str:
    """Who downloads this, when, and by which query, in one line: a sheet that turns up elsewhere tells its way."""
    actor, asked = current_actor(), unquote_plus(request.query_string.decode("ascii", "replace"))
    return _(
        "Downloaded by %(name)s (%(username)s) on %(when)s; query: %(query)s",
        name=actor.name,
        username=actor.username,
        when=clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        query=f"{request.path} {asked}".strip()[:_LONGEST_QUERY],
    )


def _format() -> str:
    wanted = request.args.get("format", XLSX)
    if wanted not in _FORMATS:
        raise Malformed(_("Downloads are made as: %(names)s.", names=listed(FORMATS)))
    return wanted


def _reason(actor: Actor) -> Reason | None:
    if "reveal" not in request.args:
        return None
    return reveals.reason_of(actor, request.args["reveal"], request.args.get("words", ""), field="reveal")


def _noted(rows: Iterable[Any], seen: list[Any], line: Callable[[Any], Any]) -> Iterator[Any]:
    for row in rows:
        if looks.is_personal(type(row)):
            seen.append(line(row))
        yield row
