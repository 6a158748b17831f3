"""The graduates behind a figure as columns of a sheet, the same for all figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.base.masks import mask_id_number
from app.codes import queries as codes
from app.web.sheets import Column


def people_columns(*, before: Sequence[Column] = (), after: Sequence[Column] = ()) -> list[Column]:
    """Who they are, with further columns before and after the ID number, which is whole only for a reason."""

    def of(name: str) -> Any:
        return lambda one: getattr(one, name)

    return [
        Column(_("Exam number"), of("exam_number"), 18),
        Column(_("Student number"), of("student_number"), 18),
        Column(_("Name"), of("name"), 12),
        Column(_("Graduate's school"), lambda one: one.school.name, 24),
        Column(_("Department of study"), lambda one: one.department.name, 24),
        Column(_("Major"), of("major"), 24),
        Column(_("Education"), lambda one: codes.label("education_level", one.education), 12),
        *before,
        Column(_("ID number"), lambda one: mask_id_number(one.id_number), 22, of("id_number")),
        *after,
    ]
