"""What happens in the same transaction when an amendment is approved, or its agreement ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.access.actors import SYSTEM
from app.amendment.forms import amended
from app.amendment.models import Amendment
from app.amendment.snapshots import supplement_snapshot
from app.base.clock import moment
from app.base.database import session
from app.workflow import engine
from app.workflow.stages import MOVING, Stage
from app.workflow.table import Context


def bring_into_force(context: Context[Amendment]) -> None:
    """The agreement takes the new values, its own paper stays as it was; the supplement gets its number and is ordered."""
    case, signing = context.case, context.case.signing
    before = select(func.count()).where(Amendment.signing_id == signing.id, Amendment.stage == Stage.IN_FORCE)
    # The state of this one is already the new one, and not yet in the database.
    case.number = f"{signing.number}-{(session.scalar(before) or 0) + 1}"
    case.snapshot = supplement_snapshot(case, approved_by=context.actor, at=context.at)
    told = {"id": case.id, "number": case.number, "at": moment(context.at), "changes": case.changes}
    terms = amended(signing.data, case.changes)
    engine.fire("online_signing", signing.id, "amend", actor=SYSTEM, data={"terms": terms, "amendment": told})
    context.post("document", {"document": "supplement"})


def lapse_with(context: Context[Any]) -> None:
    """What was proposed for an agreement that is no longer in force is of no use."""
    query = select(Amendment.id).where(Amendment.signing_id == context.case.id, Amendment.stage.in_(MOVING))
    for case_id in session.scalars(query).all():
        engine.fire("amendment", case_id, "lapse", actor=SYSTEM)
