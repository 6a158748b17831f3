"""One event for hundreds of cases, in the background: each judged on its own, with a sheet of what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.roster.models import Graduate
from app.web.sheets import Column, JobSheet, said_of
from app.workflow import background, engine, registry
from app.workflow.models import Job, JobItem

KIND = "bulk_event"
MOST_AT_ONCE = 100
_PORTION = 10  # the chain of a school is held so long: others go on deciding in between
_NAMES_AT_ONCE = 1000


def needs_job(case_ids: Sequence[int]) -> bool:
    """Whether these are too many cases for one request."""
    return len(case_ids) > MOST_AT_ONCE


def start_bulk(
    workflow: str, case_ids: Sequence[int], event: str, *, actor: Actor, data: Mapping[str, Any], dry_run: bool = False
) -> Job:
    """Have an event fired on many cases by a worker. The door has found out that the actor may ever fire it."""
    names = _names(workflow, case_ids, actor)
    # What was typed may name people: it stands with the items, which are sealed.
    items = [{"id": one, "name": names.get(one, ""), "data": dict(data)} for one in case_ids]
    return background.start(
        KIND, items, actor=actor, payload={"workflow": workflow, "event": event, "dry_run": dry_run}
    )


def outcome_json(outcome: engine.Outcome) -> dict[str, Any]:
    """What became of one case."""
    if outcome.ok:
        return {"id": outcome.id, "ok": True, "state": outcome.state}
    return {"id": outcome.id, "ok": False, "code": outcome.code, "message": outcome.message}


def reasons_of(outcomes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Why some were refused, the commonest reason first."""
    counted = Counter((one.get("code"), one.get("message")) for one in outcomes if not one.get("ok"))
    return [{"code": code, "message": message, "count": count} for (code, message), count in counted.most_common()]


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
    outcomes = engine.fire_many(
        told["workflow"], ids, told["event"], actor=actor, data=items[0].payload["data"], dry_run=told["dry_run"]
    )
    return [outcome_json(outcome) for outcome in outcomes]


def _counts(job: Job) -> dict[str, Any]:
    outcomes = [item.outcome or {} for item in background.items_of(job)]
    done = sum(1 for one in outcomes if one.get("ok"))
    return {"done": done, "refused": job.total - done, "reasons": reasons_of(outcomes)}


def _tell(job: Job, actor: Actor) -> dict[str, Any]:
    """The counts, and the same answer as a call for a few gives."""
    del actor
    return {**job.outcome, "result": [item.outcome for item in background.items_of(job)]}


def _columns() -> list[Column]:
    return [
        Column(_("Record number"), lambda item: item.payload["id"], 12),
        Column(_("Name"), lambda item: item.payload["name"], 12),
        Column(_("Result"), said_of, 60),
    ]


background.kind(
    KIND,
    _fire,
    finish=_counts,
    portion=_PORTION,
    tell=_tell,
    sheet=JobSheet(_("Result for each record"), _columns),
)
