"""Graduates that a reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.access import looks
from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.roster.models import Graduate, RosterCursor
from app.schools.models import School
from app.workflow import engine, registry


def graduate_visible_to(actor: Actor, graduate_id: int) -> Graduate:
    """One graduate of the actor's scope with school, department and claim; raises NotFound outside."""
    query = select(Graduate).where(Graduate.id == graduate_id, in_scope(Graduate, actor))
    graduate = session.scalar(query.options(*Graduate.eager_options()))
    if graduate is None:
        raise NotFound()
    looks.note(looks.READ, graduate)
    return graduate


@dataclass(frozen=True)
class OwnCase:
    """A case of a graduate, of whatever workflow, with the workflow's name for people."""

    workflow_label: Any
    row: Any


def cases_of(graduate: Graduate, actor: Actor) -> list[OwnCase]:
    """All cases of a graduate that the actor may read, newest first; one statement a workflow."""
    found = []
    for flow in registry.all_workflows():
        model = flow.model
        if not hasattr(model, "graduate_id") or not (actor.reads(flow.module) and actor.may("can_show", flow.name)):
            continue
        query = select(model).where(model.graduate_id == graduate.id, in_scope(model, actor))
        rows = session.scalars(query.options(*engine.eager_options(model)).order_by(model.id.desc())).unique()
        found += [OwnCase(flow.label, row) for row in rows]
    return sorted(found, key=lambda case: case.row.created_at, reverse=True)


def sync_problems(school_id: int) -> list[tuple[int, str, str]]:
    """Students whom the employment system holds in a way that cannot be taken over: (cohort, exam number, why)."""
    rows = session.scalars(select(RosterCursor).where(RosterCursor.school_id == school_id))
    return [(row.cohort, number, why) for row in rows for number, why in sorted(row.problems.items())]


def hold_school(school_id: int) -> None:
    """Wait until nobody else writes this school's roster (import, undo, pull); held until the transaction ends.

    Rows that refer to the school can be written meanwhile.
    """
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True, of=School))
