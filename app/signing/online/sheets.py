"""The sheets of the signings: a unit's people, pay and post of each, and the results of many invitations (R6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from app.base.cells import Takes, WrongCell, text_of
from app.base.errors import Invalid
from app.base.forms import statements_of
from app.base.masks import mask_id_number
from app.base.values.id_documents import normalise
from app.base.values.names import is_same
from app.base.wording import joined
from app.base.workbook import Fault, filled, read_sheet, refuse_other_files
from app.cases.sheets import case_columns
from app.codes import queries as codes
from app.employers.favorites.sheets import HEADINGS, KIND, placed, places_in, text_sheet
from app.roster.models import Graduate
from app.signing.online.forms import OwnTermsForm
from app.signing.online.models import OnlineSigning
from app.web.sheets import Column, said_of


def signing_columns() -> list[Column]:
    """What every case's sheet holds, with the terms, when the graduate read them, and until when they could answer."""

    def term(name: str, label: Any, width: int = 14) -> Column:
        return Column(label, lambda case: case.data["position"].get(name), width)

    return [
        *case_columns(),
        term("title", _("Position"), 20),
        Column(_("Job category"), _category, 24),
        term("department", _("Department of the unit"), 20),
        term("salary_month", _("Monthly salary")),
        term("report_by", _("Report for work by")),
        Column(_("Valid until"), lambda case: case.data["valid_until"], 14),
        Column(_("Read at"), lambda case: case.opened_at, 18),
    ]


def _category(case: OnlineSigning) -> str | None:
    return codes.label("job_category", case.data["position"]["category"])


# The interface of the sheet: heading -> field of OwnTermsForm. Who is meant stands in the columns of the favorites' sheet.
OWN_HEADINGS: Final = {
    "岗位名称": "title",
    "所在部门": "department",
    "月薪": "salary_month",
    "试用期月薪": "probation_salary",
    "报到日期": "report_by",
}
_HEADINGS: Final = {**HEADINGS, **OWN_HEADINGS}
_KIND: Final = replace(KIND, name="岗位和薪酬", marks=tuple(_HEADINGS))
_TAKES: Final = {
    "salary_month": Takes.WHOLE | Takes.FRACTION,
    "probation_salary": Takes.WHOLE | Takes.FRACTION,
    "report_by": Takes.DAY,
}
_MOST_TOLD = 20


def terms_template(graduates: Sequence[Graduate]) -> bytes:
    """The sheet to fill in: who was chosen, numbers masked as the unit sees them everywhere, and empty columns."""
    people = [[one.name, mask_id_number(one.id_number), one.school.name] for one in graduates]
    return text_sheet(_KIND.name, list(_HEADINGS), people)


def read_terms(content: bytes, graduates: Sequence[Graduate]) -> list[dict[str, Any]]:
    """What the sheet says of each, as rows of OwnTermsForm; empty cells leave it at the letter.

    Raises TooLarge, UnsupportedMedia, Invalid at `file` with the places of everything that is wrong.
    """
    refuse_other_files(content, _KIND)
    try:
        sheet = read_sheet(content, _KIND)
    except Fault as fault:
        raise Invalid({"file": [placed(fault)]}) from fault
    places = places_in(sheet.rows[0] if sheet.rows else [], _HEADINGS, optional=tuple(OWN_HEADINGS))
    found, wrong = [], []
    for number, row in filled(sheet.rows):
        try:
            found.append(_terms(row, places, graduates))
        except Fault as fault:
            wrong.append(placed(Fault(fault.text, number, fault.column)))
    if wrong:
        raise Invalid({"file": wrong[:_MOST_TOLD]})
    return found


def _terms(row: Sequence[Any], places: dict[str, int], graduates: Sequence[Graduate]) -> dict[str, Any]:
    said = {name: _said(row[places[name]], name, heading) for heading, name in _HEADINGS.items() if name in places}
    meant = [one for one in graduates if _is_meant(one, said)]
    if len(meant) != 1:
        raise Fault(_("Nobody of this name, number and school is among those you have chosen."))
    return {"graduate_id": meant[0].id, **{name: said[name] for name in OWN_HEADINGS.values() if said.get(name)}}


def _said(cell: Any, name: str, heading: str) -> str:
    """The cell in the form that the letter keeps."""
    try:
        text = text_of(cell, _TAKES.get(name, Takes.NOTHING)).strip()
        field = OwnTermsForm().fields.get(name)
        value = field.deserialize(text) if field is not None and text else text
    except WrongCell as wrong:
        raise Fault(wrong.text, None, heading) from wrong
    except ValidationError as wrong:
        raise Fault(joined(statements_of(wrong)), None, heading) from wrong
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_meant(graduate: Graduate, said: Mapping[str, str]) -> bool:
    """By all three, as when favorites are found; the number may be masked as the template has it."""
    known = graduate.id_number
    same_number = said["id_number"] == mask_id_number(known) or normalise(said["id_number"]) == normalise(known)
    return same_number and is_same(graduate.name, said["name"]) and is_same(graduate.school.name, said["school"])


def result_columns() -> list[Column]:
    """Who was invited, and what became of it."""
    return [
        Column(_("Graduate"), lambda item: item.payload.get("name", ""), 16),
        Column(_("Graduate's school"), lambda item: item.payload.get("school", ""), 28),
        Column(_("Result"), said_of, 70),
    ]
