"""Objections to a record, and the record that an objection is about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.access.actors import GRADUATE, SYSTEM, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.objection.models import Objection
from app.workflow import engine, registry
from app.workflow.stages import MOVING
from app.workflow.table import Workflow


def objectionable(workflow: str) -> Workflow | None:
    """The table of that name, if its cases can be found not to be true (cases.workflow.upheld_rows)."""
    tables = {one.name: one for one in registry.all_workflows()}
    table = tables.get(workflow)
    return table if table is not None and table.name != Objection.workflow_name and table.named("uphold") else None


def open_objection(workflow: str, case_id: int, *, actor: Actor = SYSTEM) -> Objection | None:
    """The one that is not decided yet; None where there is none in the actor's scope."""
    query = select(Objection).where(
        Objection.about == workflow,
        Objection.about_id == case_id,
        Objection.stage.in_(MOVING),
        in_scope(Objection, actor),
    )
    return session.scalar(query)


def may_object(workflow: str, actor: Actor | None) -> bool:
    """Whether the way to an objection stands beside records of this workflow, for this reader."""
    return actor is not None and actor.kind == GRADUATE and objectionable(workflow) is not None


def record_of(case: Objection, *, actor: Actor, hold: bool = False) -> Any:
    """The record that it is about, as the actor may see it; held to the end of the transaction if asked."""
    return engine.load(registry.get(case.about), case.about_id, actor=actor, lock=hold)
