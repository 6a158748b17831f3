"""The shape of what may be written: fields of a student, of a roster batch and of a reported record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _

from app.codes.record_fields import FIELDS, names_of
from trial.ems.fields import DAYS, KEY_FIELDS, REQUIRED, STUDENT, STUDENT_FIELDS, most_of
from trial.ems.refusals import Refusal

# Kind of record -> its fields and the one that must not be empty.
RECORD_KINDS = {
    kind: (names_of(kind), next(one.name for one in fields if one.required)) for kind, fields in FIELDS.items()
}
MAX_BATCH = 1000
_MAX_TEXT = 500
_CODE_VALUE = re.compile(r"[0-9A-Za-z]{1,20}")
_COHORT = re.compile(r"(19|20)\d\d")


def check_key(school: str, cohort: str | int, exam_number: str) -> tuple[str, int, str]:
    """The three parts of a student's key; 404 when they cannot be one."""
    if not (_CODE_VALUE.fullmatch(school) and _COHORT.fullmatch(str(cohort)) and _CODE_VALUE.fullmatch(exam_number)):
        raise Refusal(404, "unknown_student", _("There is no such student on any roster."))
    return school, int(cohort), exam_number


def check_roster_key(school: str, cohort: str | int) -> tuple[str, int]:
    """School code and cohort; 404 when they cannot be a roster."""
    if not (_CODE_VALUE.fullmatch(school) and _COHORT.fullmatch(str(cohort))):
        raise Refusal(404, "unknown_roster", _("There is no such school or cohort."))
    return school, int(cohort)


def check_student(data: Mapping[str, Any], partial: bool = False) -> dict[str, Any]:
    """The student's fields, trimmed and complete (all of them unless `partial`).

    Raises Refusal 422 with a message per field.
    """
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for field in STUDENT_FIELDS:
        if partial and field not in data:
            continue
        values[field] = _text(field, data.get(field), most_of(field), errors)
        if field in REQUIRED and not values[field] and field not in errors:
            errors[field] = [str(_("This must be filled in."))]
    for field in sorted(set(data) - set(STUDENT_FIELDS) - set(KEY_FIELDS))[:20]:
        errors[field[:40]] = [str(_("This field is not known."))]
    _check_split_codes(values, errors)
    for field in DAYS & set(values) - set(errors):
        values[field] = _date(field, values[field], errors)
    if errors:
        raise Refusal(422, "invalid", _("Some fields are missing or wrong."), errors)
    return values


def check_record(kind: str, data: Any) -> tuple[dict[str, str | None], datetime | None]:
    """The fields of a reported record of that kind and, if told, when it was reported."""
    if not isinstance(data, Mapping):
        raise Refusal(400, "malformed", _("The request is not a JSON object."))
    fields, needed = RECORD_KINDS[kind]
    errors: dict[str, list[str]] = {}
    values = {field: _text(field, data.get(field), _MAX_TEXT, errors) for field in fields}
    for field in sorted(set(data) - set(fields) - {"reported_at"})[:20]:
        errors[field[:40]] = [str(_("This field is not known."))]
    if not values[needed] and needed not in errors:
        errors[needed] = [str(_("This must be filled in."))]
    reported_at = _moment(data.get("reported_at"), errors)
    if errors:
        raise Refusal(422, "invalid", _("Some fields are missing or wrong."), errors)
    return values, reported_at


def check_sequence(value: Any) -> int:
    """A whole number from 1 to 2^62: the order of the reports about one student."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**62:
        raise Refusal(
            422,
            "invalid",
            _("Some fields are missing or wrong."),
            {"sequence": [str(_("This is not right."))]},
        )
    return value


def _text(field: str, value: Any, limit: int, errors: dict[str, list[str]]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _is_storable(value):
        errors[field] = [str(_("This is not right."))]
        return None
    value = value.strip()
    if len(value) > limit:
        errors[field] = [str(_("This is too long."))]
        return None
    return value or None


def _is_storable(value: str) -> bool:
    # PostgreSQL keeps neither NUL nor half of a surrogate pair, both of which JSON can carry.
    return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _check_split_codes(values: Mapping[str, Any], errors: dict[str, list[str]]) -> None:
    # Training modes 2 and 4 do not say whether the student may sign online; the finer codes do.
    for field, one in STUDENT.items():
        choices = one.split.get(values.get(field) or "")
        if choices:
            errors[field] = [str(_("Please choose %(choices)s.", choices=choices))]


def _date(field: str, value: str | None, errors: dict[str, list[str]]) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        errors[field] = [str(_("Please write the date like 2027-06-30."))]
        return None


def _moment(value: Any, errors: dict[str, list[str]]) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        errors["reported_at"] = [str(_("This is not right."))]
        return None
    return moment
