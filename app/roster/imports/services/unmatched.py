"""What becomes of names in a sheet that mean no department: departments, or names that wait to be assigned (B12)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import insert

from app.base import clock
from app.base.database import session
from app.base.errors import Conflict, Invalid
from app.roster.models import RosterBatch
from app.schools.departments.queries import known_departments
from app.schools.models import Department

CREATE: Final = "create"
QUEUE: Final = "queue"


def add_departments(batch: RosterBatch, queue: Collection[str]) -> None:
    """Write the new names of a batch; those in `queue` wait. Raises Conflict `stale`, Invalid at `queue`."""
    names = {name for _id, name in batch.departments}
    if unknown := sorted(set(queue) - names):
        raise Invalid({"queue": [_("“%(name)s” is none of the new names.", name=name) for name in unknown]})
    known = known_departments(batch.school_id)
    if any(known.find(name) for name in names):
        raise stale()
    school, now = {"school_id": batch.school_id, "province_id": batch.province_id}, clock.now()
    rows = [
        {"id": key, "name": name, "unsettled_since": now if name in queue else None, **school}
        for key, name in batch.departments
    ]
    if rows:
        session.execute(insert(Department), rows)


def stale() -> Conflict:
    """The refusal of a sheet that was checked against another roster."""
    return Conflict(
        _("The roster has changed since the sheet was checked, so nothing was written. Please upload the sheet again."),
        "stale",
    )
