"""Which marks stand on a unit, and what it has said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.employers.models import Employer
from app.flags.models import UnitWarning
from app.flags.queries import holds
from app.objection.flags.models import FlagObjection
from app.schools.models import School


@dataclass(frozen=True)
class MarkOnUnit:
    """One school's mark as the unit sees it."""

    warning: UnitWarning
    school: School
    objection: FlagObjection | None


def marks_on(actor: Actor, warning_id: int | None = None) -> Sequence[MarkOnUnit]:
    """The marks in force on the actor's own unit, newest first; none for others than users of a verified unit."""
    unit = session.get(Employer, actor.employer_id) if actor.kind == EMPLOYER and actor.employer_id else None
    if unit is None or unit.verified_at is None or not unit.uscc:
        return []
    query = (
        select(UnitWarning, School, FlagObjection)
        .join(School, School.id == UnitWarning.school_id)
        .outerjoin(FlagObjection, FlagObjection.warning_id == UnitWarning.id)
        .where(UnitWarning.uscc == unit.uscc, holds())
        .order_by(UnitWarning.id.desc())
    )
    if warning_id is not None:
        query = query.where(UnitWarning.id == warning_id)
    return [MarkOnUnit(*row) for row in session.execute(query)]


def mark_of(case: FlagObjection) -> UnitWarning | None:
    """The mark as it stands now; None once it was taken back."""
    return session.get(UnitWarning, case.warning_id)
