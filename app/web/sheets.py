"""Downloads as xlsx, csv or ndjson: written row by row with constant memory, cells are texts, never formulas (R8.13)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.base.clock import SHANGHAI
from app.workflow import background
from app.workflow.models import Job, JobItem

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

    def cell(self, row: Any, whole: bool) -> str:
        """The cell as a text."""
        return as_cell((self.whole if whole and self.whole else self.value)(row))


Cells = Iterable[Sequence[str]]


def cells_of(columns: Sequence[Column], rows: Iterable[Any], whole: bool = False) -> Iterator[list[str]]:
    """The rows as texts."""
    return ([column.cell(row, whole) for column in columns] for row in rows)


def mark(book: xlsxwriter.Workbook, sheet: Any, line: str) -> None:
    """Write where a sheet comes from: on a sheet of its own behind the data, and below each printed page."""
    sheet.set_footer("&L&8" + line[:_LONGEST_FOOTER].replace("&", "&&"))
    about = book.add_worksheet(_("About this download"))
    about.set_column(0, 0, 120)
    about.write_string(0, 0, line)


def write_xlsx(file: Any, columns: Sequence[Column], cells: Cells, origin: str) -> None:
    """Headings and rows, marked with where they come from, into an open binary file."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1})
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
    for position, column in enumerate(columns):
        sheet.write_string(0, position, str(column.label), bold)
    sheet.freeze_panes(1, 0)
    for count, row in enumerate(cells, start=1):
        for position, text in enumerate(row):
            sheet.write_string(count, position, text)
    mark(book, sheet, origin)
    book.close()


def write_csv(file: Any, columns: Sequence[Column], cells: Cells, origin: str) -> None:
    """The same as UTF-8 with the mark that Excel wants; where it comes from is the last line."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow([str(column.label) for column in columns])
    lines.writerows([f"'{cell}" if cell.startswith(_CALCULATED) else cell for cell in row] for row in cells)
    lines.writerow([f"# {origin}"])
    text.detach()


def write_ndjson(file: Any, columns: Sequence[Column], cells: Cells, origin: str) -> None:
    """One JSON object a line, by the headings; the last, {"origin"}, says where it comes from."""
    names = [str(column.label) for column in columns]
    rows = (dict(zip(names, row, strict=True)) for row in cells)
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
    """Whether there is a sheet to download: once the job is over."""
    return background.sheet_of(job) is not None and job.state in ("done", "failed")


def said_of(item: JobItem) -> str:
    """What became of an item, in words."""
    outcome: dict[str, Any] = item.outcome or {}
    if not outcome:
        return _("Not reached")
    if outcome.get("ok"):
        return " ".join(filter(None, (_("Done"), outcome.get("message"))))
    return str(outcome.get("message") or outcome.get("code"))
