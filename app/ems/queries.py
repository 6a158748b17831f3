"""What the employment system holds about a graduate, beside the platform's own copy (R4.5, R4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.base.masks import mask_differing
from app.codes import queries as codes
from app.codes import record_fields
from app.codes.fields import Field, Kind
from app.codes.graduate_fields import in_ems
from app.codes.words import in_words, masked
from app.ems.by_file import is_by_file
from app.ems.client import ems, student_page
from app.ems.messages import Destination, EmsRefused, EmsStudent, EmsUnavailable
from app.ems.students import StudentRow, key_of, student_of

COMPARED: Final = tuple(one for one in in_ems() if one.compared)


def ems_view(graduate: StudentRow, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The employment system's copy, the reported destination and the differences, for a review page or the API.

    For staff who may see the graduate; the caller has checked that. `graduate` has school and department loaded;
    `kept` is what a case keeps of the student from its submission, which then stands for the platform's copy (R4.6).
    One HTTP request, two seconds at most; never raises when the other system fails:
    `{"available", "message", "url", "student", "destination", "differences"}`.
    """
    view: dict[str, Any] = {
        "available": True,
        "message": None,
        "url": student_page(key_of(graduate)),
        "student": None,
        "destination": None,
        "differences": [],
        "compared": [],
    }
    if is_by_file(graduate.school.code):
        return {
            **view,
            "available": False,
            "message": str(_("This province exchanges files with its employment system.")),
        }
    try:
        found = ems().view(key_of(graduate))
    except EmsUnavailable as error:
        return {**view, "available": False, "message": str(error.text)}
    except EmsRefused:
        return {**view, "message": str(_("The employment management system does not know this student."))}
    if found.student.removed:
        view["message"] = str(_("This student has been removed from the employment management system's roster."))
    ours = _overlaid(student_of(graduate), kept or {})
    return {
        **view,
        "student": shown_student(found.student),
        "destination": shown_destination(found.destination),
        "differences": differences(ours, found.student),
        "compared": compared(ours, found.student),
    }


def _overlaid(student: EmsStudent, kept: Mapping[str, Any]) -> EmsStudent:
    values = {one.name: kept[one.name] for one in COMPARED if kept.get(one.name)}
    days = {one.name: date.fromisoformat(values[one.name]) for one in COMPARED if _is_day(one) and one.name in values}
    return replace(student, **{**values, **days})


def _is_day(field: Field) -> bool:
    return field.kind is Kind.DAY


def compared(ours: EmsStudent, theirs: EmsStudent) -> list[dict[str, Any]]:
    """Every compared field of both copies as people read it, for the two columns of a review page (R4.5)."""
    differing = {entry["field"]: entry for entry in differences(ours, theirs)}
    rows = []
    for field in COMPARED:
        entry = differing.get(field.name)
        same = str(in_words(field, getattr(ours, field.name) or ""))
        left, right = (entry["ours"], entry["theirs"]) if entry else (same, same)
        note = "" if entry is None or entry["refreshable"] else str(_("cannot be taken over"))
        rows.append(
            {"label": str(field.label), "left": left, "right": right, "differs": entry is not None, "note": note}
        )
    return rows


def differences(ours: EmsStudent, theirs: EmsStudent) -> list[dict[str, Any]]:
    """The compared fields in which the two copies differ, as people read them.

    `{"field", "label", "ours", "theirs", "refreshable"}`; of an ID number only the differing digits are shown.
    """
    found = []
    for field in COMPARED:
        own, other = getattr(ours, field.name) or "", getattr(theirs, field.name) or ""
        if own == other:
            continue
        hidden = field.kind is Kind.ID_NUMBER
        shown = mask_differing(own, other) if hidden else tuple(str(in_words(field, value)) for value in (own, other))
        found.append(
            {
                "field": field.name,
                "label": str(field.label),
                "ours": shown[0],
                "theirs": shown[1],
                "refreshable": field.refreshable,
            }
        )
    return found


def shown_student(student: EmsStudent) -> dict[str, Any]:
    """The other copy as plain JSON: codes as text, ID number and mobile masked."""
    return {
        **{field.name: masked(field, getattr(student, field.name)) for field in in_ems()},
        "removed": student.removed,
        "removed_at": student.removed_at.isoformat() if student.removed_at else None,
        "updated_at": student.updated_at.isoformat() if student.updated_at else None,
    }


def shown_destination(destination: Destination | None) -> dict[str, Any] | None:
    """The reported destination as plain JSON, in the shape of the API; None when nothing is reported."""
    if destination is None:
        return None
    fields = (one.name for one in record_fields.FIELDS[record_fields.DESTINATION] if not one.later)  # the API's shape
    values = {name: getattr(destination, name) for name in fields}
    values["label"] = destination.label or codes.label("destination", destination.code)
    values["reported_at"] = destination.reported_at.isoformat() if destination.reported_at else None
    return values
