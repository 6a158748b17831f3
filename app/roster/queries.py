"""Graduates that a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_

from app.access import looks
from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.clock import moment
from app.base.database import session
from app.base.errors import NotFound
from app.roster.models import IN_FORCE, Graduate, RosterCursor
from app.schools.models import School
from app.workflow import engine, registry
from app.workflow.models import OutboxMessage


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


def destinations_of(graduates: Sequence[Graduate]) -> dict[int, dict[str, Any]]:
    """What is in force for each, as it was reported to the employment system, by graduate; one statement for all."""
    held = {
        (one.claim.workflow, one.claim.case_id): one.id for one in graduates if one.claim and one.claim.kind == IN_FORCE
    }
    record = (OutboxMessage.workflow, OutboxMessage.case_id)
    query = select(OutboxMessage).where(OutboxMessage.kind == "ems", tuple_(*record).in_(list(held)))
    found: dict[int, dict[str, Any]] = {}
    for message in session.scalars(query.order_by(OutboxMessage.id)) if held else ():
        told, place = message.payload.get("destination"), (str(message.workflow), int(message.case_id or 0))
        if told:
            more = {"workflow": place[0], "case_id": place[1], "reported_at": moment(message.created_at)}
            found[held[place]] = {**told, **more}
    return found


def sync_problems(school_id: int) -> list[tuple[int, str, str]]:
    """Students whom the employment system holds in a way that cannot be taken over: (cohort, exam number, why)."""
    rows = session.scalars(select(RosterCursor).where(RosterCursor.school_id == school_id))
    return [(row.cohort, number, why) for row in rows for number, why in sorted(row.problems.items())]


def hold_school(school_id: int) -> None:
    """Wait until nobody else writes this school's roster (import, undo, pull); held until the transaction ends.

    Rows that refer to the school can be written meanwhile.
    """
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True, of=School))
