"""The invitation letter between a browser's flat fields and the nested form of the services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from app.base import clock
from app.codes import queries as codes
from app.signing.online.forms import LONGEST_VALIDITY, SHORTEST_VALIDITY
from app.signing.online.models import OnlineSigning

_USUAL_VALIDITY = 7
_GROUPS = ("position", "archive", "hukou")
_FLAGS = ("archive.accept", "hukou.accept", "hukou.optional")


def letter_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The nested letter of a submitted browser form; empty fields are left out."""
    letter: dict[str, Any] = {group: {} for group in _GROUPS}
    for name, value in fields.items():
        group, dot, field = name.partition(".")
        if dot and group in letter and name not in _FLAGS and value.strip():
            letter[group][field] = value
    for name in _FLAGS:
        group, _dot, field = name.partition(".")
        letter[group][field] = fields.get(name) == "1"
    letter["clauses"] = fields.get("clauses", "")
    letter["valid_until"] = fields.get("valid_until", "")
    return letter


def flat(letter: Mapping[str, Any]) -> dict[str, Any]:
    """The letter as browser fields: position.title and so on; flags as "1"."""
    fields: dict[str, Any] = {"clauses": letter.get("clauses", ""), "valid_until": letter.get("valid_until", "")}
    for group in _GROUPS:
        for name, value in (letter.get(group) or {}).items():
            fields[f"{group}.{name}"] = ("1" if value else "") if isinstance(value, bool) else value
    return fields


def empty_letter() -> dict[str, Any]:
    """A letter to start with: valid for a week."""
    until = clock.today() + timedelta(days=_USUAL_VALIDITY)
    return {"position": {}, "archive": {}, "hukou": {}, "clauses": "", "valid_until": until.isoformat()}


def letter_again(case: OnlineSigning) -> dict[str, Any]:
    """The letter of an earlier invitation, for 再次发起签约 (R6.8); only the validity is new."""
    return {**case.data, "valid_until": empty_letter()["valid_until"]}


def validity_bounds() -> tuple[str, str]:
    """First and last day that may be chosen, for the date field."""
    today = clock.today()
    days = (today + timedelta(days=SHORTEST_VALIDITY), today + timedelta(days=LONGEST_VALIDITY))
    return days[0].isoformat(), days[1].isoformat()


def labels() -> dict[str, str]:
    """What each field is called, for the summary of errors."""
    return {
        "position.title": _("Position"),
        "position.category": _("Job category"),
        "position.department": _("Department of the unit"),
        "position.region": _("Place of work"),
        "position.address": _("Address of the workplace"),
        "position.salary_month": _("Monthly salary"),
        "position.probation_months": _("Probation"),
        "position.probation_salary": _("Salary during probation"),
        "position.report_by": _("Report for work by"),
        "position.liquidated_damages": _("Liquidated damages"),
        "position.contact": _("Contact person"),
        "position.phone": _("Phone"),
        "archive.receiver": _("Receiving unit"),
        "archive.department": _("Department of the unit"),
        "archive.address": _("Address"),
        "archive.postcode": _("Postcode"),
        "archive.contact": _("Recipient"),
        "archive.phone": _("Phone"),
        "hukou.address": _("Address of the hukou"),
        "clauses": _("Supplementary terms"),
        "valid_until": _("Valid until"),
        "graduate_ids": _("Graduates"),
    }


def options() -> dict[str, list[tuple[str, str]]]:
    """What the selects of the letter offer."""
    return {"job_category": codes.choices("job_category")}
