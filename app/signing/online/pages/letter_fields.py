"""The invitation letter between a browser's flat fields and the nested form of the services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from marshmallow import Schema, ValidationError

from app.base import clock
from app.codes import queries as codes
from app.codes.forms import Code, Day, Region, Whole
from app.signing.online.forms import (
    LABELS,
    LONGEST_VALIDITY,
    SHORTEST_VALIDITY,
    ArchiveForm,
    HukouForm,
    InvitationForm,
    PositionForm,
)
from app.signing.online.models import OnlineSigning

_USUAL_VALIDITY = 7
_FORMS: dict[str, type[Schema]] = {"position": PositionForm, "archive": ArchiveForm, "hukou": HukouForm}
_GROUPS = tuple(_FORMS)
FLAGS = ("archive.accept", "hukou.accept", "hukou.optional")


def letter_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The nested letter of a submitted browser form; empty fields are left out."""
    letter: dict[str, Any] = {group: {} for group in _GROUPS}
    for name, value in fields.items():
        group, dot, field = name.partition(".")
        if dot and group in letter and name not in FLAGS and value.strip():
            letter[group][field] = value
    for name in FLAGS:
        group, _dot, field = name.partition(".")
        letter[group][field] = fields.get(name) == "1"
    letter["clauses"] = fields.get("clauses", "")
    letter["valid_until"] = fields.get("valid_until", "")
    return letter


def said(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left open."""
    return {name: value for name, value in data.items() if value is not None}


def each_of(fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a sheet said for single graduates, as the form carries it along; what cannot be read is nothing."""
    try:
        rows = json.loads(fields.get("each") or "[]")
    except (ValueError, RecursionError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def as_read(letter: Mapping[str, Any]) -> dict[str, Any]:
    """An unfinished letter as it would be kept: each value in its normal form, one that cannot be read as it was typed."""
    read = {part: _as_read(form, letter.get(part) or {}) for part, form in _FORMS.items()}
    day = _as_read(InvitationForm, {"valid_until": letter.get("valid_until")})
    return {**read, "clauses": letter.get("clauses", ""), "valid_until": day.get("valid_until") or ""}


def _as_read(form: type[Schema], values: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    fields = form().fields
    for name, typed in values.items():
        try:
            value = fields[name].deserialize(typed) if name in fields and typed not in (None, "") else None
        except ValidationError:
            value = None if isinstance(fields[name], Code | Region | Day | Whole) else typed
        shown[name] = value.isoformat() if isinstance(value, date) else value
    return shown


def flat(letter: Mapping[str, Any], *, whole: bool = True) -> dict[str, Any]:
    """The letter, or what there is of it, as browser fields: position.title and so on; flags as "1"."""
    ends = ("clauses", "valid_until")
    fields: dict[str, Any] = {name: letter.get(name, "") for name in ends if whole or name in letter}
    for group in _GROUPS:
        for name, value in (letter.get(group) or {}).items():
            fields[f"{group}.{name}"] = ("1" if value else "") if isinstance(value, bool) else value
    return fields


def empty_letter(contact: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A letter to start with: valid for a week, and with the unit's usual contact."""
    until = clock.today() + timedelta(days=_USUAL_VALIDITY)
    return {
        "position": dict(contact or {}),
        "archive": {},
        "hukou": {},
        "clauses": "",
        "valid_until": until.isoformat(),
    }


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
    typed = {name: str(label) for name, label in LABELS.items() if name not in FLAGS}
    return {**typed, "graduate_ids": _("Graduates")}


def options() -> dict[str, list[tuple[str, str]]]:
    """What the selects of the letter offer."""
    return {name: codes.choices(name) for name in ("job_category", "employment_form")}
