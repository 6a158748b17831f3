"""One event for hundreds of cases, in the background: each judged on its own, with a sheet of what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session, transaction
from app.cases.services import undo_many
from app.cases.units import concerned, look_up, unit_of, units_json, units_of
from app.company_register.queries import state_of
from app.fab.conditions import Where
from app.fab.datamodel import ScopedInterface
from app.roster.models import Graduate
from app.web.sheets import Column, JobSheet, said_of
from app.workflow import background, engine, registry, undo
from app.workflow.models import Job, JobItem

KIND, UNDO = "bulk_event", "bulk_undo"
MOST_AT_ONCE = 100
EACH = timedelta(milliseconds=50)  # that one more case keeps the first ones waiting, so that all can be taken back
HELD_FOR = timedelta(minutes=5)  # while they are taken back
_PORTION = 10  # the chain of a school is held so long: others go on deciding in between
_NAMES_AT_ONCE = 1000


def needs_job(case_ids: Sequence[int]) -> bool:
    """Whether these are too many cases for one request."""
    return len(case_ids) > MOST_AT_ONCE


def start_bulk(
    workflow: str,
    case_ids: Sequence[int],
    event: str,
    *,
    actor: Actor,
    data: Mapping[Any, Any],
    each: bool = False,
    dry_run: bool = False,
) -> Job:
    """Have an event fired on many cases by a worker. The door has found out that the actor may ever fire it.

    `data` are those of all, with `each` those of every case by its id, as a sheet brings them. A dry run also looks up
    each unit of the cases.
    """
    names = _names(workflow, case_ids, actor)
    # What was typed may name people: it stands with the items, which are sealed.
    items = [{"id": one, "name": names.get(one, ""), "data": dict(data[one] if each else data)} for one in case_ids]
    payload = {"workflow": workflow, "event": event, "dry_run": dry_run, **({"each": True} if each else {})}
    return background.start(KIND, items, actor=actor, payload=payload)


def data_of_each(job: Job) -> dict[int, Any] | None:
    """What a job was told of every case by itself; None where one form was filled in for all."""
    if not job.payload.get("each"):
        return None
    return {item.payload["id"]: item.payload["data"] for item in background.items_of(job)}


def undo_bulk(workflow: str, case_ids: Sequence[int], *, actor: Actor) -> Job | list[engine.Outcome]:
    """Take many verdicts of mine back: at once, or as a job where they are hundreds. Nothing leaves meanwhile."""
    with transaction():
        undo.keep_open(workflow, case_ids, actor.user_id or 0, HELD_FOR)
    if not needs_job(case_ids):
        return undo_many(workflow, case_ids, actor=actor)
    names = _names(workflow, case_ids, actor)
    items = [{"id": one, "name": names.get(one, "")} for one in case_ids]
    return background.start(UNDO, items, actor=actor, payload={"workflow": workflow})


def undo_job(job: Job, *, actor: Actor) -> Job | list[engine.Outcome]:
    """Take back what a bulk job has decided; the caller has checked that the job is the actor's. Raises Conflict."""
    if job.kind != KIND or job.payload["dry_run"] or job.state != "done":
        raise undo.too_late()
    done = [item.payload["id"] for item in background.items_of(job) if (item.outcome or {}).get("ok")]
    return undo_bulk(job.payload["workflow"], done, actor=actor)


def outcome_json(outcome: engine.Outcome) -> dict[str, Any]:
    """What became of one case."""
    if outcome.ok:
        return {"id": outcome.id, "ok": True, "state": outcome.state}
    return {"id": outcome.id, "ok": False, "code": outcome.code, "message": outcome.message}


def reasons_of(outcomes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Why some were refused, the commonest reason first."""
    counted = Counter((one.get("code"), one.get("message")) for one in outcomes if not one.get("ok"))
    return [{"code": code, "message": message, "count": count} for (code, message), count in counted.most_common()]


def cases_of(workflow: str, case_ids: Sequence[int], actor: Actor) -> list[Any]:
    """Those of the cases that the actor may see, with their relations, in this order; one statement."""
    model: Any = registry.get(workflow).model
    filters = ScopedInterface(model).get_filters([])
    filters.add_filter("id", Where, in_scope(model, actor))
    return ScopedInterface(model).get_many(case_ids, filters)


def units_of_cases(workflow: str, case_ids: Sequence[int], *, actor: Actor) -> list[dict[str, Any]]:
    """The units of these cases as the API tells them, looked up as far as a few seconds go."""
    cases = cases_of(workflow, case_ids, actor)
    look_up(cases)
    return units_json(units_of(cases, actor))


def _names(workflow: str, case_ids: Sequence[int], actor: Actor) -> dict[int, str]:
    model: Any = registry.get(workflow).model
    found: dict[int, str] = {}
    if hasattr(model, "graduate_id"):
        query = select(model.id, Graduate.name).join(Graduate, Graduate.id == model.graduate_id)
        for start in range(0, len(case_ids), _NAMES_AT_ONCE):
            part = case_ids[start : start + _NAMES_AT_ONCE]
            found.update(session.execute(query.where(in_scope(model, actor), model.id.in_(part))).tuples().all())
    return found


def _fire(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    told, ids = job.payload, [item.payload["id"] for item in items]
    with undo.longer(EACH * (job.total - job.done)):
        outcomes = [
            outcome
            for item in items
            for outcome in engine.fire_many(
                told["workflow"],
                [item.payload["id"]],
                told["event"],
                actor=actor,
                data=item.payload["data"],
                dry_run=told["dry_run"],
            )
        ]
    units = _units(told["workflow"], ids, actor) if told["dry_run"] else {}
    return [{**outcome_json(outcome), **units.get(outcome.id, {})} for outcome in outcomes]


def _units(workflow: str, case_ids: Sequence[int], actor: Actor) -> dict[int, dict[str, Any]]:
    """The unit of each case, looked up in the company register unless that is known."""
    rows = cases_of(workflow, case_ids, actor)
    found = {row.id: unit for row in rows if (unit := unit_of(row))}
    for uscc in dict.fromkeys(uscc for _name, uscc in found.values() if uscc):
        state_of(uscc)
    return {number: {"unit": list(unit)} for number, unit in found.items()}


def _undo(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    outcomes = undo_many(job.payload["workflow"], [item.payload["id"] for item in items], actor=actor)
    return [outcome_json(outcome) for outcome in outcomes]


def _counts(job: Job) -> dict[str, Any]:
    outcomes = [item.outcome or {} for item in background.items_of(job)]
    done = sum(1 for one in outcomes if one.get("ok"))
    return {"done": done, "refused": job.total - done, "reasons": reasons_of(outcomes)}


def _tell(job: Job, actor: Actor) -> dict[str, Any]:
    """The counts, and the same answer as a call for a few gives; of a dry run the units concerned too."""
    outcomes = [item.outcome or {} for item in background.items_of(job)]
    result = [{name: value for name, value in one.items() if name != "unit"} for one in outcomes]
    told: dict[str, Any] = {**job.outcome, "result": result}
    if job.payload.get("dry_run"):
        told["units"] = units_json(concerned([one["unit"] for one in outcomes if "unit" in one], actor))
    return told


def _columns() -> list[Column]:
    return [
        Column(_("Record number"), lambda item: item.payload["id"], 12),
        Column(_("Name"), lambda item: item.payload["name"], 12),
        Column(_("Result"), said_of, 60),
    ]


background.kind(
    UNDO,
    _undo,
    finish=_counts,
    portion=_PORTION,
    tell=_tell,
    sheet=JobSheet(_("Result for each record"), _columns),
)
background.kind(
    KIND,
    _fire,
    finish=_counts,
    portion=_PORTION,
    tell=_tell,
    sheet=JobSheet(_("Result for each record"), _columns),
)
