"""What waits for a reviewer over all workflows (R8.2)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.database import session
from app.workflow import registry
from app.workflow.table import Workflow
from app.workflow.waiting import waiting_states


@dataclass(frozen=True)
class Waiting:
    """How many cases of one workflow wait for the actor, in all and by state."""

    workflow: Workflow
    total: int
    parts: dict[str, int]


def waiting_for(actor: Actor) -> list[Waiting]:
    """Counts of what the actor has to decide now, one statement a workflow; other readers get an empty list."""
    found = []
    for workflow in registry.all_workflows():
        states = waiting_states(workflow, actor)
        if states and actor.reads(workflow.module):
            parts = _counts(workflow, states, actor)
            found.append(Waiting(workflow, sum(parts.values()), {state: parts.get(state, 0) for state in states}))
    return found


def states_in_scope(actor: Actor, cohort: int) -> list[Waiting]:
    """How many cases of a cohort are in each state, per workflow: the overview of those who only read."""
    found = []
    for workflow in registry.all_workflows():
        if actor.reads(workflow.module) and actor.kind in getattr(workflow.model, "readers", (actor.kind,)):
            parts = _counts(workflow, tuple(state.name for state in workflow.states), actor, cohort)
            found.append(Waiting(workflow, sum(parts.values()), parts))
    return found


def _counts(workflow: Workflow, states: tuple[str, ...], actor: Actor, cohort: int | None = None) -> dict[str, int]:
    model = workflow.model
    query = select(model.state, func.count()).where(
        in_scope(model, actor), model.state.in_(states), model.invalid_since.is_(None)
    )
    if cohort is not None and workflow.model.cohort is not None:
        query = query.where(model.cohort == cohort)
    return dict(session.execute(query.group_by(model.state)).tuples().all())
