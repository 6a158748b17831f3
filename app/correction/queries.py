"""Who has checked, what is still open, and whether it is the time for it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.correction.models import Correction, RosterCheck
from app.roster.models import Graduate
from app.schools.seasons.queries import Window, checking_window
from app.workflow.stages import MOVING


def window_of(graduate: Graduate) -> Window | None:
    """When the graduate's school lets its cohort check; None where it has set no days."""
    return checking_window(graduate.school_id, graduate.cohort)


def check_of(graduate_id: int) -> RosterCheck | None:
    """When the graduate has gone through everything; None before."""
    return session.get(RosterCheck, graduate_id)


def corrections_of(graduate_id: int) -> Sequence[Correction]:
    """What the graduate has named as wrong, the newest first."""
    query = select(Correction).where(Correction.graduate_id == graduate_id).options(*Correction.eager_options())
    return session.scalars(query.order_by(Correction.id.desc())).all()


def open_fields(graduate_id: int, but: int = 0) -> set[str]:
    """The fields of which the school has not answered yet."""
    own = (Correction.graduate_id == graduate_id, Correction.stage.in_(MOVING), Correction.id != but)
    return set(session.scalars(select(Correction.field).where(*own)))


def progress_of(actor: Actor, cohort: int) -> tuple[int, int]:
    """How many of the cohort's graduates in scope have checked, of how many; one statement, for one school at most."""
    own = (in_scope(Graduate, actor), Graduate.cohort == cohort, Graduate.invalid_since.is_(None))
    both = select(func.count(RosterCheck.graduate_id), func.count()).select_from(Graduate)
    done, every = session.execute(both.outerjoin(RosterCheck, RosterCheck.graduate_id == Graduate.id).where(*own)).one()
    return done, every
