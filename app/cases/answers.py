"""What waits for a unit's answer, over all workflows: a new step that waits for units is listed and counted by itself (R6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, func, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.cohorts import is_operable, shown_cohorts
from app.base.database import session
from app.cases.models import CaseMixin
from app.workflow import engine, registry

MOST = 5


def asking(actor: Actor, cohort: int, most: int = MOST) -> Sequence[CaseMixin]:
    """The cases of a cohort that wait for this side's answer, the longest waiting first; one statement a workflow."""
    found: list[CaseMixin] = []
    for model, waits in _waiting(actor):
        query = select(model).where(*waits, model.cohort == cohort).options(*engine.eager_options(model))
        found += session.scalars(query.order_by(model.state_since).limit(most))
    return sorted(found, key=lambda case: case.state_since)[:most]


def asking_count(actor: Actor) -> int:
    """How many cases wait for this side's answer, over the cohorts that can still act; one statement."""
    counts = [
        select(func.count()).select_from(model).where(*waits, model.cohort.in_(_operable())).scalar_subquery()
        for model, waits in _waiting(actor)
    ]
    return sum(session.execute(select(*counts)).one()) if counts else 0


def _waiting(actor: Actor) -> Iterator[tuple[type[CaseMixin], tuple[ColumnElement[bool], ...]]]:
    """Each table whose cases can wait for this kind of reader, with the condition that they do."""
    for workflow in registry.all_workflows():
        model = workflow.model
        if issubclass(model, CaseMixin) and any(state.waits_for == actor.kind for state in workflow.states):
            yield model, (in_scope(model, actor), model.waits_for == actor.kind, model.invalid_since.is_(None))


def _operable() -> list[int]:
    return [cohort for cohort in shown_cohorts() if is_operable(cohort)]
