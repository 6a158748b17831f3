"""The file in its three forms: a workbook with a list of what is missing, comma separated text, DBF in GBK."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from flask import Response
from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.clock import today
from app.statistics.plan.records import PlanColumn, cells_of, columns
from app.statistics.plan.services import refuse_plan, take_plan
from app.web.jobs import as_download, later
from app.web.sheets import MIMETYPE, Column, mark, origin, write_csv

_WIDEST: Final = 254  # bytes of a text in DBF
Lines = Sequence[Mapping[str, str]]
# (id, exam number, name, headings of what is missing) of each graduate whose line lacks something
Lacking = Sequence[tuple[int, str, str, Sequence[str]]]


def write_workbook(file: Any, lines: Lines, missing: Lacking, origin: str) -> None:
    """All as text, so that no code loses its zeros."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1})
    _fill(book.add_worksheet(_("Employment plan")), [one.title for one in columns()], cells_of(lines), bold)
    told = ((number, name, _(", ").join(titles)) for _id, number, name, titles in missing)
    sheet = book.add_worksheet(_("Missing"))
    _fill(sheet, [_("Exam number"), _("Name"), _("What is missing")], told, bold)
    mark(book, sheet, origin)
    book.close()


def _fill(sheet: Any, headings: Sequence[str], rows: Iterable[Sequence[str]], bold: Any) -> None:
    sheet.set_column(0, len(headings) - 1, 16)
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, bold)
    for count, row in enumerate(rows, start=1):
        for place, text in enumerate(row):
            sheet.write_string(count, place, text)
    sheet.freeze_panes(1, 0)


def write_text(file: Any, lines: Lines, missing: Lacking, origin: str) -> None:
    """UTF-8 with the mark that Excel wants."""
    del missing
    told = [Column(one.title, lambda row: row) for one in columns()]
    write_csv(file, told, cells_of(lines), origin)


def write_dbf(file: Any, lines: Lines, missing: Lacking, origin: str) -> None:
    """Short names as fields, texts in GBK; a sign that GBK has not stands as a question mark."""
    del missing, origin
    import dbf

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.dbf"
        fields = "; ".join(f"{one.name} C({_width(one)})" for one in columns())
        table = dbf.Table(str(path), fields, codepage="cp936", dbf_type="db3")
        with table.open(dbf.READ_WRITE):
            for line in lines:
                table.append({one.name: _fitting(line[one.name], _width(one)) for one in columns()})
        file.write(path.read_bytes())


def _width(column: PlanColumn) -> int:
    return min(_WIDEST, 2 * column.length)


def _fitting(text: str, width: int) -> str:
    return text.encode("cp936", "replace")[:width].decode("cp936", "ignore")


WRITERS: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    "xlsx": (MIMETYPE, write_workbook),
    "dbf": ("application/x-dbf", write_dbf),
    "csv": ("text/csv", write_text),
}


def plan_answer(cohort: int, kind: str, *, actor: Actor) -> Response:
    """The file by a worker, who asks the same again; see web/jobs.py."""
    refuse_plan(kind, actor=actor)
    waiting = later()
    if waiting is not None:
        return waiting
    plan, file = take_plan(cohort, kind, actor=actor), io.BytesIO()
    mimetype, write = WRITERS[kind]
    write(file, plan.lines, plan.missing, origin())
    file.seek(0)
    name = _("Employment plan")
    return as_download(file, f"{name}-{cohort}-{today():%Y%m%d}.{kind}", mimetype, plain=f"plan.{kind}")
