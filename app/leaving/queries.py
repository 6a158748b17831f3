"""What is registered of graduates now, whether they may confirm it, and the confirmation itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import literal, select, union_all

from app.access.actors import Actor
from app.base.database import session
from app.cases.models import CaseMixin
from app.cases.records import employer_json
from app.codes import queries as codes
from app.ems.destination import SIGNED_AGREEMENT
from app.household.records import record_json
from app.household.types import KINDS
from app.leaving.models import Leaving, LeavingSheet
from app.roster.models import IN_FORCE, Claim
from app.schools.seasons.queries import Window, leaving_window
from app.workflow import engine, registry
from app.workflow.stages import Stage

Registered = dict[str, Any]  # destination, archive, hukou, each None where there is none


def registered_of(graduate_ids: Iterable[int]) -> dict[int, Registered]:
    """What is in force of many graduates, by their ids; a statement for each kind of record, however many they are."""
    ids = list(graduate_ids)
    found: dict[int, Registered] = {one: dict.fromkeys(("destination", *KINDS)) for one in ids}
    for case in _bound(ids):
        found[case.graduate_id]["destination"] = _destination(case)
    for kind in KINDS:
        model: Any = registry.get(kind).model
        for case in session.scalars(select(model).where(model.graduate_id.in_(ids), model.stage == Stage.IN_FORCE)):
            found[case.graduate_id][kind] = {"case_id": case.id, **record_json(case)}
    return found


def registered_by(graduate_id: int) -> Registered:
    """The same of one."""
    return registered_of([graduate_id])[graduate_id]


def _bound(ids: Sequence[int]) -> Iterable[Any]:
    """The signings and destinations in force."""
    by_workflow: dict[str, list[int]] = defaultdict(list)
    claims = select(Claim.workflow, Claim.case_id).where(Claim.graduate_id.in_(ids), Claim.kind == IN_FORCE)
    for workflow, case_id in session.execute(claims):
        by_workflow[workflow].append(case_id)
    for workflow, case_ids in by_workflow.items():
        model: Any = registry.get(workflow).model
        yield from session.scalars(select(model).where(model.id.in_(case_ids)).options(*engine.eager_options(model)))


def _destination(case: Leaving) -> dict[str, Any]:
    code = getattr(case, "type", SIGNED_AGREEMENT)
    unit = employer_json(case)
    return {
        "workflow": case.workflow_name,
        "case_id": case.id,
        "code": code,
        "label": codes.label("destination", code),
        "employer": unit["name"] if unit else None,
    }


def says_more(cases: Sequence[Leaving], actor: Actor) -> Mapping[str, Mapping[int, Any]]:
    """What cases say now: frozen where they are confirmed, else as everything is registered at this moment."""
    del actor
    live = registered_of([case.graduate_id for case in cases if case.stage != Stage.IN_FORCE])
    told = {
        case.id: {"registered": live[case.graduate_id], "transfer_number": None}
        if case.graduate_id in live
        else case.data
        for case in cases
    }
    return {"data": told}


def said_by(case: Leaving) -> dict[str, Any]:
    """The same of one case."""
    told: dict[str, Any] = case.data
    return (
        told
        if case.stage == Stage.IN_FORCE
        else {"registered": registered_by(case.graduate_id), "transfer_number": None}
    )


def leaving_of(graduate_id: int) -> Leaving | None:
    """The confirmation of a graduate, in whatever state."""
    return session.scalar(select(Leaving).where(Leaving.graduate_id == graduate_id).options(*Leaving.eager_options()))


def window_of(graduate: Any) -> Window | None:
    """The days that the school of a graduate, or of a case, has set."""
    return leaving_window(graduate.school_id, graduate.cohort)


def is_in_review(graduate_id: int) -> bool:
    """Whether anything of the graduate is being reviewed, in whatever workflow; one statement."""
    models: list[Any] = [one.model for one in registry.all_workflows() if issubclass(one.model, CaseMixin)]
    parts = [
        select(literal(1)).where(
            model.graduate_id == graduate_id, model.stage == Stage.REVIEW, model.invalid_since.is_(None)
        )
        for model in models
    ]
    return session.scalar(select(union_all(*parts).subquery()).limit(1)) is not None


def sheets_of(leaving_id: int) -> list[LeavingSheet]:
    """The sheets of a graduate, the newest first."""
    query = select(LeavingSheet).where(LeavingSheet.leaving_id == leaving_id)
    return list(session.scalars(query.order_by(LeavingSheet.confirmed_at.desc())))
