"""Sheets as downloads, and the one way out for lists: who may and why, a line in the trail, the format, where it comes from.

`format` is xlsx, csv or ndjson; `reveal` gives the reason for which masked columns are wanted whole (`words` may say
more), and then each person in the file reads on the phone that their data were taken.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, Final, Protocol
from urllib.parse import unquote_plus

import xlsxwriter
from flask import Response, get_template_attribute, request
from flask_babel import gettext as _
from markupsafe import Markup

from app.access import audit, looks, reveals
from app.access.actors import Actor
from app.access.reveals import Reason
from app.base import clock
from app.base.clock import SHANGHAI, today
from app.base.errors import Malformed
from app.base.wording import listed
from app.web.current import current_actor
from app.web.jobs import KIND as DOWNLOAD
from app.web.jobs import as_download, counted, kept_file, later
from app.web.once import drawn_once
from app.workflow import background
from app.workflow.models import Job, JobItem

_A4: Final = 9
_FIRST_YEAR: Final = 1900  # before it a program of sheets has no days
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_SHEET_NAME: Final = re.compile(r"[\\\[\]:*?/]")
_LONGEST_FOOTER = 120  # a footer holds 255 signs, and each & is two
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")  # as programs take the beginning of a cell for a formula


@dataclass(frozen=True)
class Column:
    """One column of a sheet: heading, how to read the cell from a row, width in characters.

    `whole` reads what `value` masks, for who may see it and has said why.
    """

    label: Any
    value: Callable[[Any], Any]
    width: int = 16
    whole: Callable[[Any], Any] | None = None

    def cell(self, row: Any, whole: bool) -> Any:
        """What stands in the cell: days and times as such, all else as a text."""
        value = (self.whole if whole and self.whole else self.value)(row)
        return value if isinstance(value, date) else as_cell(value)


Cells = Iterable[Sequence[Any]]


def cells_of(columns: Sequence[Column], rows: Iterable[Any], whole: bool = False) -> Iterator[list[Any]]:
    """The rows as cells."""
    return ([column.cell(row, whole) for column in columns] for row in rows)


def mark(book: xlsxwriter.Workbook, sheet: Any, line: str) -> None:
    """Write where a sheet comes from: on a sheet of its own behind the data, and below each printed page."""
    sheet.set_footer("&L&8" + line[:_LONGEST_FOOTER].replace("&", "&&"))
    about = book.add_worksheet(_("About this download"))
    about.set_column(0, 0, 120)
    about.write_string(0, 0, line)


def write_xlsx(
    file: Any, columns: Sequence[Column], cells: Cells, origin: str, title: str = "", *, typed: bool = True
) -> None:
    """Headings and rows, marked with where they come from, into an open binary file: days as days (`typed`), all else as
    texts, with a filter over the headings, which are printed on every page.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(_NO_SHEET_NAME.sub(" ", title)[:31].strip("' ") or None)
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1})
    days, times = (book.add_format({"num_format": shape}) for shape in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
    for position, column in enumerate(columns):
        sheet.write_string(0, position, str(column.label), bold)
    count = 0
    for count, row in enumerate(cells, start=1):
        for position, cell in enumerate(row):
            day = _as_day(cell) if typed else None
            if day is None:
                sheet.write_string(count, position, as_cell(cell))
            else:
                sheet.write_datetime(count, position, day, times if isinstance(day, datetime) else days)
    _set_up(sheet, title, count, len(columns))
    mark(book, sheet, origin)
    book.close()


def _set_up(sheet: Any, title: str, rows: int, columns: int) -> None:
    """For who filters and for who prints: headings stay in sight, on paper all columns fit across A4."""
    sheet.freeze_panes(1, 0)
    if columns:
        sheet.autofilter(0, 0, max(rows, 1), columns - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_header("&C&12" + title.replace("&", "&&") + "&R&8&P / &N")


def _as_day(cell: Any) -> date | None:
    """The day or time in China that the cell is, or says in the form in which records keep days; None for other texts."""
    if isinstance(cell, datetime):
        return cell.astimezone(SHANGHAI).replace(second=0, microsecond=0, tzinfo=None)  # as it is written elsewhere
    if isinstance(cell, str):
        if not _DAY.fullmatch(cell):
            return None
        with suppress(ValueError):
            cell = date.fromisoformat(cell)
    return cell if isinstance(cell, date) and cell.year >= _FIRST_YEAR else None


def write_csv(file: Any, columns: Sequence[Column], cells: Cells, origin: str) -> None:
    """The same as UTF-8 with the mark that Excel wants; where it comes from is the last line."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow([str(column.label) for column in columns])
    texts = ([as_cell(cell) for cell in row] for row in cells)
    lines.writerows([f"'{cell}" if cell.startswith(_CALCULATED) else cell for cell in row] for row in texts)
    lines.writerow([f"# {origin}"])
    text.detach()


def write_ndjson(file: Any, columns: Sequence[Column], cells: Cells, origin: str) -> None:
    """One JSON object a line, by the headings; the last, {"origin"}, says where it comes from."""
    names = [str(column.label) for column in columns]
    rows = (dict(zip(names, map(as_cell, row), strict=True)) for row in cells)
    for one in chain(rows, [{"origin": origin}]):
        file.write(json.dumps(one, ensure_ascii=False).encode() + b"\n")


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
    """Whether there is a sheet to download: once the job is over, and as long as its file is kept."""
    if job.kind == DOWNLOAD:
        return background.file_of(job) is not None
    return background.sheet_of(job) is not None and job.state in ("done", "failed")


def said_of(item: JobItem) -> str:
    """What became of an item, in words."""
    outcome: dict[str, Any] = item.outcome or {}
    if not outcome:
        return _("Not reached")
    if outcome.get("ok"):
        return " ".join(filter(None, (_("Done"), outcome.get("message"))))
    return str(outcome.get("message") or outcome.get("code"))


_LONGEST_QUERY = 1000
MOST_AT_ONCE: Final = 5000  # rows that one request writes
_SHEET: Final = "components/reveal.html"
_OWN: Final = ("format", "reveal", "words", "columns")  # of an export, not of its list
XLSX: Final = "xlsx"
_FORMATS: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    XLSX: (MIMETYPE, write_xlsx),
    "csv": ("text/csv", write_csv),
    "ndjson": ("application/x-ndjson", write_ndjson),
}
FORMATS: Final = tuple(_FORMATS)
MIMETYPES: Final = tuple(mimetype for mimetype, _write in _FORMATS.values())


class Rows(Protocol):
    """Rows of which one knows how many they are before they are read."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...


@dataclass(frozen=True)
class Counted:
    """Rows that are read one after the other, counted by a statement of their own."""

    number: int
    rows: Iterable[Any]

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


def export_answer(
    name: str,
    columns: Sequence[Column],
    rows: Rows,
    *,
    subject: str,
    detail: Mapping[str, Any],
    xlsx: Callable[..., None] = write_xlsx,
) -> Response:
    """The rows as a download named after `name` and the day; `subject` and `detail` tell the trail which list it was.

    More than MOST_AT_ONCE rows are written by a worker, which asks again: what is looked up here is looked up there.
    `xlsx` writes the workbook where it is more than a list.
    Raises Malformed for an unknown format, Forbidden and Invalid as reveals.reason_of does.
    """
    actor, kind = current_actor(), _format()
    columns = _chosen(columns)
    reason = _reason(actor)
    waiting = later() if len(rows) > MOST_AT_ONCE else None
    if waiting is not None:
        return waiting
    write = xlsx if kind == XLSX else _FORMATS[kind][1]
    return _written(name, columns, rows, write, kind=kind, reason=reason, subject=subject, detail=detail)


def _written(
    name: str,
    columns: Sequence[Column],
    rows: Rows,
    write: Callable[..., None],
    *,
    kind: str,
    reason: Reason | None,
    subject: str,
    detail: Any,
) -> Response:
    actor = current_actor()
    told = {**detail, "format": kind, **(reason.told if reason else {})}
    audit.record(audit.EXPORT, actor=actor, subject=subject, detail=told)
    mimetype = _FORMATS[kind][0]
    seen: list[audit.AuditLine] = []
    read: Iterable[Any] = counted(rows, len(rows))
    if reason and any(column.whole for column in columns):
        read = _noted(read, seen, lambda row: reveals.line_of(row, reason, actor=actor, export=subject))
    file = tempfile.TemporaryFile(suffix=f".{kind}")  # noqa: SIM115  (Flask closes it after sending)
    titled = {"title": name} if write is write_xlsx else {}
    write(file, columns, cells_of(columns, read, reason is not None), origin(), **titled)
    reveals.write(seen)
    file.seek(0)
    return as_download(file, f"{name}-{today():%Y%m%d}.{kind}", mimetype, plain=f"export.{kind}")


def download_sheet(address: str, *, masks: bool, columns: Sequence[Column] = ()) -> Markup:
    """The button to other formats, to some of the columns, and to masked ones in full for who may; for the search that
    the page shows.
    """
    kept = tuple(pair for pair in request.args.items(multi=True) if pair[0] not in _OWN)
    named = tuple((label, label) for label in (str(column.label) for column in columns))
    known = reveals.REASONS.items() if masks and reveals.may_reveal(current_actor()) else ()
    reasons = tuple((key, str(label)) for key, label in known)
    told = (address, kept, tuple((kind, kind) for kind in FORMATS), reasons, named)
    if kept:  # what somebody looks for is kept nowhere
        return Markup(get_template_attribute(_SHEET, "download")(*told))  # noqa: S704  (made by a template)
    return drawn_once(_SHEET, "download", *told)


def job_sheet(job: Job) -> Response:
    """What became of each item of a long job, in the order in which they were sent; the caller has checked the scope."""
    kept = kept_file(job)
    if kept is not None:
        return kept
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


def _chosen(columns: Sequence[Column]) -> Sequence[Column]:
    """Those of the headings that `columns` names, in the list's own order; all where it names none."""
    known = [str(column.label) for column in columns]
    said = (sent.strip() for sent in request.args.getlist("columns"))
    wanted = [one for sent in said for one in ([sent] if sent in known else map(str.strip, sent.split(","))) if one]
    for one in wanted:
        if one not in known:
            words = _("There is no column “%(name)s”. There are: %(known)s.", name=one[:64], known=listed(known))
            raise Malformed(words, "unknown_parameter", parameters=known)
    return [column for column in columns if str(column.label) in wanted] if wanted else columns


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
