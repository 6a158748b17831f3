"""CASE: how every workflow's record is told to the outside, in one place for API, pages and exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.access.actors import Actor
from app.base.clock import moment
from app.base.masks import mask_id_number
from app.cases import asks
from app.cases.models import CaseMixin
from app.cases.progress import days_waited
from app.documents.queries import attachments_of
from app.workflow import engine, history, registry
from app.workflow.models import History
from app.workflow.stages import Stage


def case_json(case: CaseMixin, actor: Actor) -> dict[str, Any]:
    """One case as `actor` may see it; the caller has checked scope and permission."""
    return cases_json([case], actor)[0]


def cases_json(cases: Sequence[Any], actor: Actor) -> list[dict[str, Any]]:
    """Many cases of one workflow; history and attachments cost one statement each, whatever the number."""
    if not cases:
        return []
    name, ids = cases[0].workflow_name, [case.id for case in cases]
    past, more = history.of_cases(name, ids), registry.get(name).says_more
    files = attachments_of(name, ids) if registry.get(name).files is not None else {}
    extras = more(cases, actor) if more is not None else {}
    return [
        _one(case, actor, past[case.id], files.get(case.id, [])) | {key: told[case.id] for key, told in extras.items()}
        for case in cases
    ]


def _one(case: CaseMixin, actor: Actor, past: Sequence[History], files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    workflow = registry.get(case.workflow_name)
    return {
        "id": case.id,
        "workflow": workflow.name,
        "state": case.state,
        "version": case.version,
        "label": workflow.label_of(case, actor),
        "cohort": case.cohort,
        "graduate": graduate_json(case),
        "employer": employer_json(case),
        "number": case.number,
        "external_id": case.external_id,
        "data": case.data,
        "due": due_json(case),
        "attachments": list(files),
        "events": engine.available(case, actor),
        "history": [step_json(row) for row in past],
        "created_at": moment(case.created_at),
        "updated_at": moment(case.updated_at),
    }


def due_json(case: CaseMixin) -> dict[str, Any] | None:
    """Until when somebody has to act, how many whole days it has waited, and what follows; None where nobody has to."""
    due = registry.get(case.workflow_name).state(case.state).due
    if due is None or case.due_at is None or case.invalid_since is not None:
        return None
    return {"at": moment(case.due_at), "days_waited": days_waited(case), "then": str(due.then)}


def graduate_json(case: CaseMixin) -> dict[str, Any] | None:
    """The graduate of a case, as submitted where the case keeps a copy (R4.6); the ID number masked.

    None where a case is of no graduate, such as the verification of a unit.
    """
    graduate, kept = case.graduate, getattr(case, "student", None) or {}
    if graduate is None:
        return None
    return {
        "id": graduate.id,
        "name": kept.get("name", graduate.name),
        "id_number": mask_id_number(graduate.id_number),
        "school": kept.get("school", graduate.school.name),
        "department": kept.get("department", graduate.department.name),
        "level": case.level,
        "major": kept.get("major", graduate.major),
    }


def employer_json(case: CaseMixin) -> dict[str, Any] | None:
    """The unit of a case, as frozen on the agreement once it is complete (R5.7); None where there is none."""
    employer = getattr(case, "employer", None)
    frozen = (getattr(case, "snapshot", None) or {}).get("employer") or {}
    if employer is None and not frozen:
        return None
    return {
        "id": employer.id if employer else None,
        "name": frozen.get("name") or (employer.name if employer else None),
        "uscc": frozen.get("uscc") or (employer.uscc if employer else None),
    }


def step_json(row: History) -> dict[str, Any]:
    """One transition of the past."""
    return {
        "event": row.event,
        "from": row.from_state,
        "to": row.to_state,
        "actor": row.actor,
        "role": row.role,
        "at": moment(row.at),
        "reason": row.reason,
        "proof": row.proof,
    }


def paper_of(case: CaseMixin) -> str:
    """The paper as it would read now, as HTML, before anybody is bound by it; "" where the workflow knows of none."""
    reads = registry.get(case.workflow_name).reads if case is not None else None
    return str(reads(case)) if reads is not None and case.stage in (Stage.OFFERED, Stage.REVIEW) else ""


def said_rows(case: CaseMixin) -> list[tuple[Any, Any]]:
    """What a case says, in words: as its workflow declares it, else field by field of the form it is written with."""
    workflow = registry.get(case.workflow_name)
    if workflow.rows is not None:
        return list(workflow.rows(case))
    form = workflow.writing.form if workflow.writing is not None else None
    return [(ask.label, ask.words) for ask in asks.fields_of(form, case.data) if ask.words]
