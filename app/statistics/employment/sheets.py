"""The figures of employment as sheets: numbers that add up by formulas, and the people behind one of them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from flask import Response, render_template
from flask_babel import gettext as _
from xlsxwriter.utility import xl_col_to_name

from app.access import audit
from app.base import clock
from app.codes import queries as codes
from app.documents.services import PDF
from app.documents.typefaces import in_print
from app.statistics.employment.queries.table import Table
from app.statistics.employment.words import BASE, COUNTS, SIGNING, Metric
from app.statistics.groups import Grouping
from app.statistics.sheets import people_columns
from app.web.jobs import as_download, later
from app.web.sheets import Cells, Column, export_answer, mark, origin

MOST_PEOPLE: Final = 50_000
_COUNTED: Final = tuple(COUNTS)


def figures_answer(
    name: str, table: Table, groupings: Sequence[Grouping], parts: Sequence[Metric], head: Metric, *, subject: str
) -> Response:
    """Lines and their total; in the workbook totals and rates are formulas over the numbers, with their definitions."""
    rates = [head, *parts]
    columns = [*_names(groupings), *_numbers(rates)]
    first = len(groupings)

    def write(file: Any, columns: Sequence[Column], cells: Cells, origin: str) -> None:
        _write_book(file, columns, list(cells), rates, first, origin)

    detail = {"by": subject, "lines": len(table.lines)}
    return export_answer(name, columns, [*table.lines, table.total], subject=subject, detail=detail, xlsx=write)


def people_answer(name: str, rows: Iterable[Any], figure: str, *, subject: str) -> Response:
    """(graduate, workflow, case, code) as a sheet, a line for each; ID numbers masked unless there is a reason."""
    people, held = [], {}
    for graduate, _workflow, _case, code in rows:
        people.append(graduate)
        held[graduate.id] = code
    return export_answer(name, _people_columns(held), people, subject=subject, detail={"figure": figure})


def _names(groupings: Sequence[Grouping]) -> list[Column]:
    def label(place: int) -> Any:
        return lambda line: (
            (_("Total") if place == 0 else "") if line.whole else line.groups[place][1] or _("Not filled in")
        )

    return [Column(group.label, label(place), 28) for place, group in enumerate(groupings)]


def _numbers(rates: Sequence[Metric]) -> list[Column]:
    def count(name: str) -> Any:
        return lambda line: getattr(line, name)

    def part(metric: Metric) -> Any:
        return lambda line: metric.of(line.codes)

    def records(name: str) -> Any:
        return lambda line: line.signing[name]

    return [
        *(Column(label, count(name), 12) for name, label in COUNTS.items()),
        *(Column(_("Graduates: %(rate)s", rate=metric.label), part(metric), 14) for metric in rates),
        *(Column(label, records(name), 12) for name, label in SIGNING.items()),
    ]


def _write_book(
    file: Any, columns: Sequence[Column], cells: list[Sequence[str]], rates: Sequence[Metric], first: int, origin: str
) -> None:
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Figures"))
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F7", "border": 1, "text_wrap": True})
    percent = book.add_format({"num_format": "0.00"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, str(column.label), bold)
    for place, metric in enumerate(rates, start=len(columns)):
        sheet.set_column(place, place, 14)
        sheet.write_string(0, place, f"{metric.label} %", bold)
    last = len(cells)
    for row, line in enumerate(cells, start=1):
        _write_line(sheet, row, line, first, total=row == last)
        _write_rates(sheet, row, first, [int(one) for one in line[first:]], rates, percent)
    sheet.freeze_panes(1, first)
    _define(book, rates)
    mark(book, sheet, origin)
    book.close()


def _write_line(sheet: Any, row: int, line: Sequence[str], first: int, *, total: bool) -> None:
    for place, text in enumerate(line):
        if place < first:
            sheet.write_string(row, place, text)
        elif total and row > 1:
            letter = xl_col_to_name(place)
            sheet.write_formula(row, place, f"=SUM({letter}2:{letter}{row})", None, int(text))
        else:
            sheet.write_number(row, place, int(text))


def _write_rates(
    sheet: Any, row: int, first: int, numbers: Sequence[int], rates: Sequence[Metric], percent: Any
) -> None:
    base, begin = _COUNTED.index(BASE), len(_COUNTED)
    whole = numbers[base]
    for place in range(len(rates)):
        part, over = xl_col_to_name(first + begin + place), xl_col_to_name(first + base)
        formula = f'=IF({over}{row + 1}=0,"",ROUND({part}{row + 1}/{over}{row + 1}*100,2))'
        shown = round(100 * numbers[begin + place] / whole, 2) if whole else ""
        sheet.write_formula(row, first + len(numbers) + place, formula, percent, shown)


def _define(book: Any, rates: Sequence[Metric]) -> None:
    sheet = book.add_worksheet(_("Definitions"))
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 90)
    for row, metric in enumerate(rates):
        sheet.write_string(row, 0, metric.label)
        sheet.write_string(row, 1, metric.definition)


def _people_columns(held: Mapping[int, str | None]) -> list[Column]:
    code = Column(_("Code of destination"), lambda one: held[one.id], 10)
    label = Column(_("Destination"), lambda one: codes.label("destination", held[one.id]), 24)
    return people_columns(after=[code, label])


def report_answer(reading: Any, place: str, *, subject: str) -> Response:
    """The figures as a dated paper, by a worker, who asks the same again; see web/jobs.py."""
    waiting = later()
    if waiting is not None:
        return waiting
    # A process that makes none spares the PDF libraries.
    from app.documents.readback import accept
    from app.documents.typesetting import typeset

    now = clock.now().replace(microsecond=0)
    title = _("Employment of the graduates of %(year)s", year=reading.asked.cohort)
    told = {"title": title, "place": place, "origin": origin(), "counts": COUNTS, "signing": SIGNING}
    html = in_print(
        render_template("statistics/employment/report.html", reading=reading, now=now, **told), joined=False
    )
    pdf = typeset(html, title=title, made_at=now)
    accept(pdf, html)
    audit.record(audit.EXPORT, actor=reading.actor, subject=subject, detail={"format": "pdf"})
    return as_download(io.BytesIO(pdf), f"{title}-{clock.today():%Y%m%d}.pdf", PDF, plain="report.pdf")
