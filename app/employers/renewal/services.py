"""Renewals are begun by the clock, thirty days before a verification ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session, transaction
from app.base.settings import settings
from app.employers.models import Employer
from app.employers.renewal.models import UnitRenewal
from app.employers.renewal.workflow import UNIT_RENEWAL
from app.employers.services import holds_until
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context

_SOON = timedelta(days=30)


def open_renewals(limit: int = 500) -> int:
    """Ask units whose verification ends soon to confirm their data; run by the clock. Returns how many.

    Each is a transaction of its own. Nobody is asked while the setting is 0.
    """
    return sum(_open(unit_id) for unit_id in _ending(limit)) if settings().verification_months else 0


def _ending(limit: int) -> list[int]:
    _note_ends(limit)
    soon = (Employer.verified_until <= clock.now() + _SOON, Employer.lapsed_at.is_(None))
    query = select(Employer.id).where(*soon, ~_begun(Employer.id))
    return list(session.scalars(query.order_by(Employer.verified_until, Employer.id).limit(limit)))


def _begun(unit_id: Any) -> ColumnElement[bool]:
    return exists().where(UnitRenewal.employer_id == unit_id, UnitRenewal.stage != Stage.IN_FORCE)


def _note_ends(limit: int) -> None:
    """Units that were verified while nothing ended get their end now, never one that has passed."""
    with transaction():
        endless = (Employer.verified_at.is_not(None), Employer.verified_until.is_(None))
        query = select(Employer).where(*endless).order_by(Employer.id).limit(limit).with_for_update(skip_locked=True)
        for unit in session.scalars(query):
            end = holds_until(unit.verified_at or clock.now())
            unit.verified_until = end and max(end, clock.now() + _SOON)


def _open(unit_id: int) -> bool:
    with transaction():
        query = select(Employer).where(Employer.id == unit_id).with_for_update(skip_locked=True)
        unit = session.scalar(query.execution_options(populate_existing=True))
        if unit is None or session.scalar(select(_begun(unit_id))):
            return False  # another worker was faster
        row = engine.permits_creation(UNIT_RENEWAL, SYSTEM)
        case = UnitRenewal(employer=unit, employer_id=unit.id, version=1, data={})
        engine.start([Context(UNIT_RENEWAL, row, case, SYSTEM)])
        unit.verified_until = case.due_at
    return True
