"""What a graduate has voided, or had voided or terminated before, over all workflows: for the reviewer (R8.3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.cases.models import CaseMixin
from app.web import links
from app.workflow import engine, registry
from app.workflow.stages import Stage

_MOST = 10


def earlier_ended(case: Any, actor: Actor) -> list[dict[str, Any]]:
    """Other cases of this graduate in the same module that are void or terminated, newest first, as the list shows them."""
    module = registry.get(case.workflow_name).module
    found: list[dict[str, Any]] = []
    for workflow in registry.all_workflows():
        ends = workflow.states_in(Stage.VOIDED, Stage.ENDED)
        if not ends or workflow.module != module or not issubclass(workflow.model, CaseMixin):
            continue
        model: Any = workflow.model
        query = select(model).where(
            model.graduate_id == case.graduate_id, model.state.in_(ends), in_scope(model, actor)
        )
        for row in session.scalars(query.options(*engine.eager_options(model)).order_by(model.id.desc()).limit(_MOST)):
            if (row.workflow_name, row.id) != (case.workflow_name, case.id):
                found.append(_line(row, actor))
    return sorted(found, key=lambda line: line["at"], reverse=True)[:_MOST]


def _line(row: Any, actor: Actor) -> dict[str, Any]:
    workflow = registry.get(row.workflow_name)
    unit = getattr(row, "employer", None)
    return {
        "what": str(workflow.label),
        "label": workflow.label_of(row, actor),
        "unit": unit.name if unit is not None else "",
        "number": row.number or "",
        "at": row.state_since,
        "url": links.record_url(workflow.name, row.id, actor.kind),
    }
