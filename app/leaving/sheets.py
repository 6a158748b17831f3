"""The download for the archive office: each archive with its 转递编号, where it goes and to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.cases.sheets import department_of_study, masked_id, of_student, state_label, student_number, whole_id
from app.codes import queries as codes
from app.household.records import shown
from app.leaving.models import Leaving
from app.web.sheets import Column


def leaving_columns() -> Sequence[Column]:
    """Who, both numbers, and of what is confirmed the destination, the archive and the hukou."""
    return [
        Column(_("Exam number"), lambda case: case.graduate.exam_number, 18),
        student_number(),
        Column(_("Name"), of_student("name"), 12),
        Column(_("Graduate's school"), of_student("school"), 24),
        department_of_study(_("Department of study")),
        Column(_("Major"), of_student("major"), 24),
        Column(_("Education"), lambda case: codes.label("education_level", case.graduate.education), 12),
        Column(_("ID number"), masked_id, 22, whole_id),
        Column(_("Number of the archive transfer"), lambda case: case.transfer_number, 22),
        Column(_("Type of archive transfer"), _of("archive", "transfer_type"), 20),
        Column(_("Receiving unit"), _of("archive", "receiver"), 30),
        Column(_("Region of the archive transfer"), _of("archive", "region"), 24),
        Column(_("Address of the archive transfer"), _of("archive", "address"), 40),
        Column(_("Receiving person"), _of("archive", "contact"), 12),
        Column(_("Phone of the receiver"), _of("archive", "phone"), 16),
        Column(_("Postcode"), _of("archive", "postcode"), 10),
        Column(_("Destination"), lambda case: (_part(case, "destination") or {}).get("label"), 24),
        Column(_("Unit"), lambda case: (_part(case, "destination") or {}).get("employer"), 30),
        Column(_("Type of hukou transfer"), _of("hukou", "transfer_type"), 20),
        Column(_("Address of the hukou transfer"), _of("hukou", "address"), 40),
        Column(_("Check number"), lambda case: case.number, 20),
        Column(_("Confirmed at"), lambda case: case.confirmed_at, 18),
        Column(_("State"), state_label, 24),
        Column(_("Cohort"), lambda case: case.cohort, 8),
    ]


def _part(case: Leaving, kind: str) -> dict[str, Any] | None:
    """As confirmed; nothing of who has not confirmed yet, since nothing of that may be relied on."""
    found: dict[str, Any] | None = case.data.get("registered", {}).get(kind)
    return found


def _of(kind: str, name: str) -> Callable[[Leaving], Any]:
    return lambda case: shown(kind, name, (_part(case, kind) or {}).get(name))
