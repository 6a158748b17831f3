"""xlsx downloads: written row by row with constant memory, cells are texts and never formulas (R8.13)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote_plus

import xlsxwriter
from flask import Response, request, send_file
from flask_babel import gettext as _

from app.access import audit
from app.base import clock
from app.base.clock import SHANGHAI, today
from app.web.current import current_actor
from app.workflow import background
from app.workflow.models import Job, JobItem

_LONGEST_QUERY, _LONGEST_FOOTER = 1000, 120  # a footer holds 255 signs, and each & is two
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """One column of a sheet: heading, how to read the cell from a row, width in characters."""

    label: Any
    value: Callable[[Any], Any]
    width: int = 16


def sheet_answer(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> Response:
    """The sheet as a download named after `name` and the day."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  (Flask closes it after sending)
    write_sheet(file, columns, rows, origin=origin())
    file.seek(0)
    response = send_file(file, mimetype=MIMETYPE, as_attachment=True, download_name="export.xlsx")
    title = quote(f"{name}-{today():%Y%m%d}.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename=export.xlsx; filename*=UTF-8''{title}"
    return response


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


def mark(book: xlsxwriter.Workbook, sheet: Any, line: str) -> None:
    """Write where a sheet comes from: on a sheet of its own behind the data, and below each printed page."""
    sheet.set_footer("&L&8" + line[:_LONGEST_FOOTER].replace("&", "&&"))
    about = book.add_worksheet(_("About this download"))
    about.set_column(0, 0, 120)
    about.write_string(0, 0, line)


def write_sheet(file: Any, columns: Sequence[Column], rows: Iterable[Any], *, origin: str = "") -> int:
    """Write headings and rows into an open binary file, marked with `origin`; returns the number of rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1})
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
    for position, column in enumerate(columns):
        sheet.write_string(0, position, str(column.label), bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, start=1):
        for position, column in enumerate(columns):
            sheet.write_string(count, position, as_cell(column.value(row)))
    if origin:
        mark(book, sheet, origin)
    book.close()
    return count


def as_cell(value: Any) -> str:
    """A value as a person reads it in a sheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:32_000]


@dataclass(frozen=True)
class JobSheet:
    """How the results of a kind of long job are written down: the sheet's name, and its columns over an item."""

    name: Any
    columns: Callable[[], Sequence[Column]]


def has_job_sheet(job: Job) -> bool:
    """Whether there is a sheet to download: once the job is over."""
    return background.sheet_of(job) is not None and job.state in ("done", "failed")


def job_sheet(job: Job) -> Response:
    """One line an item, in the order in which they were sent; the caller has checked the scope."""
    sheet: JobSheet = background.sheet_of(job)
    audit.record(audit.EXPORT, actor=current_actor(), subject=f"jobs {job.id}", detail={"kind": job.kind})
    return sheet_answer(str(sheet.name), sheet.columns(), background.items_of(job))


def said_of(item: JobItem) -> str:
    """What became of an item, in words."""
    outcome: dict[str, Any] = item.outcome or {}
    if not outcome:
        return _("Not reached")
    if outcome.get("ok"):
        return " ".join(filter(None, (_("Done"), outcome.get("message"))))
    return str(outcome.get("message") or outcome.get("code"))
