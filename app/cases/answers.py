"""What waits for a unit's answer, over all workflows: a new step that waits for units is listed and counted by itself (R6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal, select, union_all

from app.access.actors import Actor
from app.access.scope import Reach, in_scope, reach_with
from app.base.cohorts import is_operable, shown_cohorts
from app.base.database import session
from app.base.kept import Kept
from app.base.replicas import counting, shown
from app.cases.models import CaseMixin
from app.cases.queries import cases_of
from app.workflow import registry
from app.workflow.table import Workflow

MOST = 5


def asking(actor: Actor, cohort: int, most: int = MOST) -> Sequence[CaseMixin]:
    """The cases of a cohort that wait for this side's answer, the longest waiting first.

    One statement, and one more for each workflow that has any.
    """
    parts = [
        select(literal(workflow.name).label("name"), workflow.model.id, workflow.model.state_since).where(
            *waits, workflow.model.cohort == cohort
        )
        for workflow, waits in _waiting(actor)
    ]
    if not parts:
        return []
    every = union_all(*parts).subquery()
    ids: dict[str, list[int]] = {}
    for name, case_id in session.execute(select(every.c.name, every.c.id).order_by(every.c.state_since).limit(most)):
        ids.setdefault(name, []).append(case_id)
    found = (case for name, some in ids.items() for case in cases_of(registry.get(name), some))
    return sorted(found, key=lambda case: case.state_since)


def asking_count(actor: Actor) -> int:
    """How many cases wait for this side's answer, over the cohorts that can still act; one statement."""
    reach, own = reach_with(actor)
    (counts,) = shown.rows(_asking(reach), {**own, "cohorts": _operable()})
    return sum(counts)


@lru_cache(maxsize=64)
def _asking(reach: Reach) -> Kept:
    """Put together once: every page of a unit asks."""
    cohorts: Any = bindparam("cohorts", expanding=True)
    parts = {
        workflow.name: select(workflow.model.id).where(*waits, workflow.model.cohort.in_(cohorts))
        for workflow, waits in _waiting(reach.reader)
    }
    return Kept(counting(parts))


def _waiting(actor: Actor) -> Iterator[tuple[Workflow, tuple[ColumnElement[bool], ...]]]:
    """Each workflow whose cases can wait for this kind of reader, with the condition that they do."""
    for workflow in registry.all_workflows():
        model = workflow.model
        if issubclass(model, CaseMixin) and any(state.waits_for == actor.kind for state in workflow.states):
            yield workflow, (in_scope(model, actor), model.waits_for == actor.kind, model.invalid_since.is_(None))


def _operable() -> list[int]:
    return [cohort for cohort in shown_cohorts() if is_operable(cohort)]
