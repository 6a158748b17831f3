"""What waits for a reviewer over all workflows (R8.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import g
from sqlalchemy import Select, String, func, literal, select, union_all

from app.access.actors import Actor
from app.access.scope import Reach, in_scope, reach_with
from app.base.kept import Kept
from app.base.replicas import shown
from app.cases.queries import waiting_states, waits_in
from app.workflow import registry
from app.workflow.table import Workflow


@dataclass(frozen=True)
class Waiting:
    """How many cases of one workflow wait for the actor, in all and by state."""

    workflow: Workflow
    total: int
    parts: dict[str, int]


def waiting_for(actor: Actor, cohort: int | None = None) -> list[Waiting]:
    """Counts of what the actor has to decide now, of one cohort or of all, with one statement; nothing for others.

    Menu, tabs and home of one page ask it once.
    """
    known: dict[tuple[int | None, int | None], list[Waiting]] = g.setdefault("waiting", {})
    if (actor.user_id, cohort) not in known:
        asked = [(one, waiting_states(one, actor)) for one in registry.all_workflows() if actor.reads(one.module)]
        wanted = [(workflow, states) for workflow, states in asked if states]
        known[actor.user_id, cohort] = _counted(wanted, actor, cohort)
    return known[actor.user_id, cohort]


def states_in_scope(actor: Actor, cohort: int) -> list[Waiting]:
    """How many cases of a cohort are in each state, per workflow: the overview of those who only read."""
    asked = [
        (one, tuple(state.name for state in one.states))
        for one in registry.all_workflows()
        if actor.reads(one.module) and actor.kind in getattr(one.model, "readers", (actor.kind,))
    ]
    return [
        Waiting(one.workflow, one.total, {state: count for state, count in one.parts.items() if count})
        for one in _counted(asked, actor, cohort)
    ]


def _counted(asked: Sequence[tuple[Workflow, tuple[str, ...]]], actor: Actor, cohort: int | None) -> list[Waiting]:
    """The counts of all these workflows and states with one statement: every page of staff asks for them."""
    if not asked:
        return []
    found: dict[str, dict[str, int]] = {}
    wanted = tuple((workflow.model, workflow.name, states) for workflow, states in asked)
    reach, own = reach_with(actor)
    for name, state, count in shown.rows(_statement(wanted, reach, cohort), own):
        found.setdefault(name, {})[state] = count
    parts = {
        workflow.name: {state: found.get(workflow.name, {}).get(state, 0) for state in states}
        for workflow, states in asked
    }
    return [Waiting(workflow, sum(parts[workflow.name].values()), parts[workflow.name]) for workflow, _states in asked]


_Wanted = tuple[tuple[Any, str, tuple[str, ...]], ...]  # model, its workflow, states


@lru_cache(maxsize=512)
def _statement(wanted: _Wanted, reach: Reach, cohort: int | None) -> Kept:
    """Put together once for all who reach the same rows: that takes as long as the database needs to answer it."""
    return Kept(union_all(*(_query(*one, reach.reader, cohort) for one in wanted)))


def _query(model: Any, name: str, states: tuple[str, ...], reader: Actor, cohort: int | None) -> Select[str, str, int]:
    query = select(literal(name, String), model.state, func.count()).where(
        in_scope(model, reader), waits_in(model, states)
    )
    if cohort is not None and model.cohort is not None:
        query = query.where(model.cohort == cohort)
    return query.group_by(model.state)
