"""What the employment system holds about a graduate, beside the platform's own copy (R4.5, R4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.masks import mask_differing, mask_id_number, mask_phone
from app.codes import queries as codes
from app.ems.client import ems, student_page
from app.ems.messages import Destination, EmsRefused, EmsStudent, EmsUnavailable
from app.ems.students import StudentRow, key_of, student_of

# Field -> its label, its code table, and whether 获取最新学生信息 may take it over (R4.5).
COMPARED: dict[str, tuple[Any, str | None, bool]] = {
    "name": (_("Full name"), None, False),
    "sex": (_("Sex"), "sex", True),
    "id_number": (_("ID number"), None, False),
    "ethnicity": (_("Ethnicity"), "ethnicity", True),
    "political_status": (_("Political status"), "political_status", True),
    "department": (_("Department of study"), None, True),
    "major": (_("Major"), None, False),
    "education": (_("Education"), "education_level", False),
    "duration": (_("Length of study"), None, True),
    "student_number": (_("Student number"), None, True),
    "graduated_on": (_("Graduation date"), None, True),
}
_TABLES = {
    "code": "destination",
    "nature": "employer_nature",
    "industry": "employer_industry",
    "category": "job_category",
}


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
    values = {name: kept[name] for name in COMPARED if kept.get(name)}
    if "graduated_on" in values:
        values["graduated_on"] = date.fromisoformat(values["graduated_on"])
    return replace(student, **values)


def compared(ours: EmsStudent, theirs: EmsStudent) -> list[dict[str, Any]]:
    """Every compared field of both copies as people read it, for the two columns of a review page (R4.5)."""
    differing = {entry["field"]: entry for entry in differences(ours, theirs)}
    rows = []
    for field, (label, table, _refreshable) in COMPARED.items():
        entry = differing.get(field)
        own = getattr(ours, field) or ""
        same = mask_id_number(own) if field == "id_number" else _shown(table, own)
        left, right = (entry["ours"], entry["theirs"]) if entry else (same, same)
        note = "" if entry is None or entry["refreshable"] else str(_("cannot be taken over"))
        rows.append({"label": str(label), "left": left, "right": right, "differs": entry is not None, "note": note})
    return rows


def differences(ours: EmsStudent, theirs: EmsStudent) -> list[dict[str, Any]]:
    """The compared fields in which the two copies differ, as people read them.

    `{"field", "label", "ours", "theirs", "refreshable"}`; of an ID number only the differing digits are shown.
    """
    found = []
    for field, (label, table, refreshable) in COMPARED.items():
        own, other = getattr(ours, field) or "", getattr(theirs, field) or ""
        if own == other:
            continue
        shown = mask_differing(own, other) if field == "id_number" else (_shown(table, own), _shown(table, other))
        found.append(
            {
                "field": field,
                "label": str(label),
                "ours": shown[0],
                "theirs": shown[1],
                "refreshable": refreshable,
            }
        )
    return found


def shown_student(student: EmsStudent) -> dict[str, Any]:
    """The other copy as plain JSON: codes as text, ID number and mobile masked."""
    values = asdict(student)
    values["graduated_on"] = student.graduated_on.isoformat() if student.graduated_on else None
    values["removed_at"] = student.removed_at.isoformat() if student.removed_at else None
    values["updated_at"] = student.updated_at.isoformat() if student.updated_at else None
    values["id_number"] = mask_id_number(student.id_number)
    values["mobile"] = mask_phone(student.mobile)
    del values["change"]
    return values


def shown_destination(destination: Destination | None) -> dict[str, Any] | None:
    """The reported destination as plain JSON, in the shape of the API; None when nothing is reported."""
    if destination is None:
        return None
    values = asdict(destination)
    values["label"] = destination.label or codes.label("destination", destination.code)
    values["reported_at"] = destination.reported_at.isoformat() if destination.reported_at else None
    del values["sequence"]
    return values


def destination_text(field: str, value: str | None) -> str:
    """One field of a reported destination as people read it."""
    if field == "region":
        return codes.region_label(value) if value else ""
    return codes.label(_TABLES[field], value) if field in _TABLES else value or ""


def _shown(table: str | None, value: Any) -> str:
    return codes.label(table, value) if table else str(value)
