"""What stands on the sheet, frozen when everything is confirmed."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.codes import queries as codes
from app.household.records import shown
from app.household.types import FIELDS, KINDS, LABELS
from app.leaving.models import Leaving
from app.leaving.queries import Registered
from app.notices.links import public_address

Rows = list[tuple[Any, str]]
DESTINATION, UNIT = _("Destination"), _("Unit")


def check_address(number: str) -> str:
    """Where anybody can check this number; printed as a code, so the page must stay there."""
    return public_address(f"/verify?number={number}")


def sheet_snapshot(case: Leaving, registered: Registered) -> dict[str, Any]:
    """The words of the sheet: who, what is registered, both numbers. The caller has put them into the case."""
    student = case.student or {}
    assert case.number is not None
    assert case.confirmed_at is not None
    return {
        "graduate": {name: student.get(name) for name in ("name", "school", "department", "major")}
        | {
            "education": codes.label("education_level", case.graduate.education),
            "exam_number": case.graduate.exam_number,
            "cohort": case.cohort,
        },
        "destination": registered["destination"],
        **{kind: _in_words(kind, registered[kind]) for kind in KINDS},
        "number": case.number,
        "transfer_number": case.transfer_number,
        "confirmed_at": case.confirmed_at.isoformat(),
        "verify_url": check_address(case.number),
    }


def _in_words(kind: str, record: dict[str, Any] | None) -> dict[str, str] | None:
    """Every field of the kind as the sheet says it; None where nothing is registered."""
    if record is None:
        return None
    return {name: shown(kind, name, record.get(name)) for name in ("transfer_type", *FIELDS[kind])}


def destination_rows(record: dict[str, Any] | None) -> Rows:
    """The destination as people read it; [] where none is registered."""
    if record is None:
        return []
    rows: Rows = [(DESTINATION, f"{record['label']} ({record['code']})")]
    return rows + ([(UNIT, record["employer"])] if record["employer"] else [])


def household_rows(kind: str, record: dict[str, Any] | None) -> Rows:
    """Archive or hukou as people read it; [] where none is registered."""
    if record is None:
        return []
    names = ("transfer_type", *FIELDS[kind])
    return [(LABELS[name], shown(kind, name, record[name])) for name in names if record.get(name)]
