"""The columns of a downloaded list of cases; rooms put their own between or behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.masks import mask_id_number
from app.cases.models import CaseMixin
from app.cases.records import employer_json, graduate_json
from app.web.current import actor_or_none
from app.web.sheets import Column
from app.workflow import registry


def state_label(case: CaseMixin) -> str:
    """The state as the reader of the running request calls it."""
    return registry.get(case.workflow_name).label_of(case, actor_or_none())


def of_student(name: str) -> Callable[[Any], Any]:
    """A fact of the case's student, as the API tells it."""
    return lambda case: (graduate_json(case) or {}).get(name)


def whole_id(case: CaseMixin) -> str:
    """For who has said why."""
    return str(case.graduate.id_number)


def masked_id(case: CaseMixin) -> str:
    """For everybody else."""
    return mask_id_number(case.graduate.id_number)


def case_columns() -> list[Column]:
    """What every workflow's sheet holds: who, where, which state, since when."""
    return [
        Column(_("Record number"), lambda case: case.id, 12),
        Column(_("State"), state_label, 28),
        Column(_("Agreement number"), lambda case: case.number, 20),
        Column(_("Cohort"), lambda case: case.cohort, 8),
        Column(_("Name"), of_student("name"), 12),
        Column(_("ID number"), masked_id, 22, whole_id),
        Column(_("School"), of_student("school"), 24),
        Column(_("Department"), of_student("department"), 24),
        Column(_("Major"), of_student("major"), 24),
        Column(_("Unit"), lambda case: (employer_json(case) or {}).get("name"), 32),
        Column(_("Created at"), lambda case: case.created_at, 18),
        Column(_("Last change"), lambda case: case.updated_at, 18),
    ]
