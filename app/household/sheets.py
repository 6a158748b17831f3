"""The downloads of archive and hukou lists: the columns of the list, and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from app.cases.sheets import department_of_study, masked_id, of_student, state_label, student_number, whole_id
from app.codes import queries as codes
from app.household.records import full_address, type_label
from app.household.types import ARCHIVE
from app.web.sheets import Column

TYPE_COLUMN = {ARCHIVE: _("Type of archive transfer"), "hukou": _("Type of hukou transfer")}
ADDRESS_COLUMN = {ARCHIVE: _("Address of the archive transfer"), "hukou": _("Address of the hukou transfer")}


def record_columns(kind: str, *own: Column) -> Sequence[Column]:
    """What 下载当前查询数据 of a kind (archive, hukou) holds; `own` has it alone."""
    return [
        Column(_("Exam number"), lambda case: case.graduate.exam_number, 18),
        student_number(),
        Column(_("Name"), of_student("name"), 12),
        Column(_("Graduate's school"), of_student("school"), 24),
        department_of_study(_("Department of study")),
        Column(_("Major"), of_student("major"), 24),
        Column(_("Education"), lambda case: codes.label("education_level", case.graduate.education), 12),
        Column(_("Place of origin"), lambda case: codes.region_label(case.graduate.origin_region), 24),
        Column(_("ID number"), masked_id, 22, whole_id),
        Column(TYPE_COLUMN[kind], type_label, 20),
        *own,
        Column(ADDRESS_COLUMN[kind], full_address, 40),
        Column(_("State"), state_label, 24),
        Column(_("Cohort"), lambda case: case.cohort, 8),
        Column(_("Last change"), lambda case: case.updated_at, 18),
    ]
