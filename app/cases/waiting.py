"""What waits for a reviewer in one workflow, as its table says."""

from __future__ import annotations

from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.workflow.table import Workflow


def waiting_states(workflow: Workflow, actor: Actor) -> tuple[str, ...]:
    """The states in which a case waits for this actor's verdict."""
    rows = [row for row in workflow.transitions if row.event == "approve" and actor.kind in row.who]
    return tuple(dict.fromkeys(state for row in rows for state in row.sources))


def next_waiting_for(workflow: Workflow, actor: Actor, *, after: int) -> int | None:
    """The case that this reviewer should see next: the oldest behind `after`, else the oldest of all."""
    states = waiting_states(workflow, actor)
    if not states or not actor.writes(workflow.module):
        return None
    model = workflow.model
    query = (
        select(model.id)
        .where(in_scope(model, actor), model.state.in_(states), model.invalid_since.is_(None))
        .order_by((model.id > after).desc(), model.id)
        .limit(1)
    )
    return session.scalar(query)
