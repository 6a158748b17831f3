"""The columns of a downloaded list of cases; rooms put their own between or behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from flask import current_app
from flask_babel import lazy_gettext as _

from app.access.actors import STAFF
from app.base.masks import mask_id_number, mask_phone
from app.base.wording import joined, labelled
from app.cases.models import CaseMixin
from app.cases.records import employer_json, graduate_json
from app.codes import queries as codes
from app.schools.departments.words import department_word
from app.web.current import actor_or_none
from app.web.sheets import Column
from app.workflow import registry

VERDICT: Final = "last_verdict"  # what stands beside a row that was read for its sheet: queries.last_verdict


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


def case_columns(*, unit: bool = True) -> list[Column]:
    """What every workflow's sheet holds: who, where, which state, since when; for staff also by what the rows join their
    roster and how to call the student. `unit`: with the unit that the case itself names.
    """
    actor = actor_or_none()
    staff = actor is not None and actor.kind in STAFF
    joins = [Column(_("Exam number"), _of_roster("exam_number"), 18), student_number()]
    study = [
        Column(_("Education"), lambda case: codes.label("education_level", case.graduate.education), 14),
        Column(_("Mobile"), lambda case: mask_phone(case.graduate.mobile), 14, _of_roster("mobile")),
    ]
    employer = [Column(_("Unit"), _unit("name"), 32), Column(_("Credit code"), _unit("uscc"), 22)]
    return [
        Column(_("Record number"), lambda case: case.id, 12),
        Column(_("State"), state_label, 28),
        Column(_("Agreement number"), lambda case: case.number, 20),
        Column(_("Cohort"), lambda case: case.cohort, 8),
        *(joins if staff else ()),
        Column(_("Name"), of_student("name"), 12),
        Column(_("ID number"), masked_id, 22, whole_id),
        Column(_("School"), of_student("school"), 24),
        department_of_study(_("Department")) if staff else Column(_("Department"), of_student("department"), 24),
        Column(_("Major"), of_student("major"), 24),
        *(study if staff else ()),
        *(employer if unit else ()),
        Column(_("Created at"), lambda case: case.created_at, 18),
        Column(_("Last change"), lambda case: case.updated_at, 18),
    ]


def staff_columns(workflow: str) -> Sequence[Column] | None:
    """The sheet of the staff's list of a workflow, the same through every door; None where staff have no list of it."""
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    found = (view for view in views if getattr(view, "workflow", "") == workflow and hasattr(view, "sheet_columns"))
    view = next(found, None)
    return view.sheet_columns() if view is not None else None


def student_number() -> Column:
    """学号, by which a school joins a sheet to its own lists."""
    return Column(_("Student number"), _of_roster("student_number"), 16)


def department_of_study(heading: Any) -> Column:
    """The department in the words of staff's lists: as it is called today, and whether it is still to be checked."""
    return Column(heading, lambda case: department_word(case.graduate.department), 24)


def verdict_columns(labels: Callable[[Any], Iterable[tuple[str, Any]]]) -> Sequence[Column]:
    """What staff have done to a record last: who, with which account, when, and with which words; `labels` names the
    fields of a case to which words can be given.
    """
    return [
        Column(_("Last decided by"), _verdict("actor"), 14),
        Column(_("Reviewer's account"), _verdict("account"), 16),
        Column(_("Decided at"), _decided_at, 18),
        Column(_("Reviewer's words"), _verdict("reason"), 40),
        Column(_("Reviewer's words at fields"), lambda case: _at_fields(case, labels), 60),
    ]


def _of_roster(name: str) -> Callable[[Any], Any]:
    return lambda case: getattr(case.graduate, name, None)


def _unit(name: str) -> Callable[[Any], Any]:
    def read(case: Any) -> Any:
        """Of the unit that signs here, that was typed here, or that the agreement concerned names."""
        unit = employer_json(case) or getattr(case, "unit", None) or {}
        return unit.get(name) or getattr(case, f"unit_{name}", None)

    return read


def _verdict(name: str) -> Callable[[Any], Any]:
    return lambda case: json.loads(vars(case).get(VERDICT) or "{}").get(name)


def _decided_at(case: Any) -> datetime | None:
    at = _verdict("at")(case)
    return datetime.fromisoformat(at) if at else None


def _at_fields(case: Any, labels: Callable[[Any], Iterable[tuple[str, Any]]]) -> str:
    said = (getattr(case, "opinions", None) or {}).get("fields") or {}
    names = {path: str(label) for path, label in labels(case)} if said else {}
    return joined(labelled(names.get(path, path), words) for path, words in said.items()) if said else ""
