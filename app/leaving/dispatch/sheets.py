"""The sheets of the archive office: the download, and those that come back filled in, each row found by its 转递编号."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError

from app.base.cells import Takes, WrongCell, text_of
from app.base.errors import Invalid
from app.base.forms import statements_of
from app.base.wording import joined
from app.base.workbook import Fault, filled, read_sheet, refuse_other_files
from app.cases.openapi import MOST_IN_BULK
from app.cases.sheets import department_of_study, masked_id, of_student, state_label, student_number, whole_id
from app.codes import queries as codes
from app.codes.forms import Code, Day
from app.employers.favorites.sheets import KIND, placed, places_in, text_sheet
from app.household.records import shown
from app.household.types import ARCHIVE
from app.leaving.dispatch.forms import ReceiveForm, SendForm
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.records import way_word
from app.leaving.numbering import is_transfer_number, typed_number
from app.schools.departments.words import department_word
from app.web.sheets import Column

# The interface of the sheets: event -> heading -> field of the event's form. Whose archive it is says the 转递编号.
NUMBER: Final = "转递编号"
HEADINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "send": {"寄递方式": "way", "寄出日期": "sent_on", "单号": "tracking_number"},
    "receive": {"签收日期": "received_on", "签收人": "received_by"},
}
_FORMS: Final[Mapping[str, type[Schema]]] = {"send": SendForm, "receive": ReceiveForm}
_NAMES: Final = {"send": "档案寄出登记", "receive": "档案签收登记"}
_ABOUT: Final = ("姓名", "院系", "档案接收单位")  # for whoever fills the sheet in; not read
MOST_BYTES: Final = KIND.most_bytes
_MOST_TOLD: Final = 20


@dataclass(frozen=True)
class SheetRow:
    """What one row says of the archive with this number; empty rows say nothing."""

    row: int
    number: str
    data: Mapping[str, Any]


def dispatch_columns() -> Sequence[Column]:
    """Who, the number, where it goes, how it went, who took it, and that it came back."""
    return [
        Column(_("Number of the archive transfer"), lambda case: case.number, 22),
        Column(_("Exam number"), lambda case: case.graduate.exam_number, 18),
        student_number(),
        Column(_("Name"), of_student("name"), 12),
        Column(_("ID number"), masked_id, 22, whole_id),
        Column(_("Graduate's school"), of_student("school"), 24),
        department_of_study(_("Department of study")),
        Column(_("Major"), of_student("major"), 24),
        Column(_("Cohort"), lambda case: case.cohort, 8),
        Column(_("State"), state_label, 24),
        Column(_("Type of archive transfer"), _of("transfer_type"), 20),
        Column(_("Receiving unit"), _of("receiver"), 30),
        Column(_("Region of the archive transfer"), _of("region"), 24),
        Column(_("Address of the archive transfer"), _of("address"), 40),
        Column(_("Receiving person"), _of("contact"), 12),
        Column(_("Phone of the receiver"), _of("phone"), 16),
        Column(_("Postcode"), _of("postcode"), 10),
        Column(_("Way of dispatch"), way_word, 16),
        Column(_("Sent on"), lambda case: case.sent_on, 14),
        Column(_("Tracking number"), lambda case: case.tracking_number, 20),
        Column(_("Received on"), lambda case: case.received_on, 14),
        Column(_("Received by"), lambda case: case.data.get("received_by"), 16),
        Column(_("Came back on"), lambda case: case.returned_on, 14),
    ]


def _of(name: str) -> Callable[[Dispatch], Any]:
    return lambda case: shown(ARCHIVE, name, case.data.get(name))


def template(event: str, cases: Iterable[Dispatch]) -> bytes:
    """The sheet to be filled in: a row for each archive, with whose it is and where it goes."""
    rows = [
        [one.number or "", one.graduate.name, department_word(one.graduate.department), _receiver(one)] for one in cases
    ]
    return text_sheet(_NAMES[event], [NUMBER, *_ABOUT, *HEADINGS[event]], rows)


def _receiver(case: Dispatch) -> str:
    return str(case.data.get("receiver") or "")


def read_rows(content: bytes, event: str) -> list[SheetRow]:
    """What the sheet says of each archive, as data of the event; rows in which only whose it is stands are passed over.

    Raises TooLarge, UnsupportedMedia, Invalid at `file` with the places of everything that is wrong.
    """
    headings = {NUMBER: "number", **HEADINGS[event]}
    kind = replace(KIND, name=_NAMES[event], most_rows=MOST_IN_BULK, marks=tuple(headings))
    refuse_other_files(content, kind)
    try:
        rows = read_sheet(content, kind).rows
    except Fault as fault:
        raise Invalid({"file": [placed(fault)]}) from fault
    places = places_in(rows[0] if rows else [], headings)
    found, wrong, seen = [], [], dict[str, int]()
    for number, row in filled(rows):
        try:
            read = _row(number, row, places, event)
            if read is None:
                continue
            if read.number in seen:
                raise Fault(_("This number stands in row %(row)s already.", row=seen[read.number]), None, NUMBER)
            seen[read.number] = number
            found.append(read)
        except Fault as fault:
            wrong.append(placed(Fault(fault.text, number, fault.column)))
    if not found and not wrong:
        wrong = [_("Nothing is filled in on the sheet. Rows with a number and a day are written down.")]
    if wrong:
        raise Invalid({"file": wrong[:_MOST_TOLD]})
    return found


def placed_row(row: SheetRow, text: Any) -> Any:
    """The words with the row they are about."""
    return placed(Fault(text, row.row, NUMBER))


def _row(number: int, row: Sequence[Any], places: Mapping[str, int], event: str) -> SheetRow | None:
    form = _FORMS[event]()
    said = {}
    for heading, name in HEADINGS[event].items():
        if text := _cell(
            row[places[name]], heading, Takes.DAY if isinstance(form.fields[name], Day) else Takes.NOTHING
        ):
            said[name] = _read(form.fields[name], text, heading)
    if not said:
        return None
    bearer = typed_number(_cell(row[places["number"]], NUMBER, Takes.NOTHING))
    if not is_transfer_number(bearer):
        raise Fault(_("This is no number of an archive transfer. Please copy it from the list."), None, NUMBER)
    missing = [heading for heading, name in HEADINGS[event].items() if form.fields[name].required and name not in said]
    if missing:
        raise Fault(_("Please fill this in."), None, missing[0])
    return SheetRow(number, bearer, said)


def _cell(cell: Any, heading: str, takes: Takes) -> str:
    try:
        return text_of(cell, takes).strip()
    except WrongCell as wrong:
        raise Fault(wrong.text, None, heading) from wrong


def _read(field: Any, text: str, heading: str) -> Any:
    """The cell in the form that the event takes; a way may be given by its name or its code."""
    try:
        if isinstance(field, Code):
            text = next((code for code, label in codes.choices(field.table) if text == label), text)
        value = field.deserialize(text)
    except ValidationError as wrong:
        raise Fault(joined(statements_of(wrong)), None, heading) from wrong
    return value.isoformat() if isinstance(value, date) else value
