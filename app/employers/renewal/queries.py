"""Where a unit's renewal stands."""

from __future__ import annotations

from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.employers.renewal.models import UnitRenewal
from app.workflow.stages import Stage


def open_renewal_of(actor: Actor) -> UnitRenewal | None:
    """The renewal of the actor's own unit that has not come to its end."""
    query = select(UnitRenewal).where(in_scope(UnitRenewal, actor), UnitRenewal.stage != Stage.IN_FORCE)
    return session.scalar(
        query.where(UnitRenewal.employer_id == actor.employer_id).options(*UnitRenewal.eager_options())
    )
