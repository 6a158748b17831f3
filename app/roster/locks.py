"""Who writes a school's roster holds the school meanwhile: imports, undos and the pull come one after the other."""

from __future__ import annotations

from sqlalchemy import select

from app.base.database import session
from app.schools.models import School


def hold_school(school_id: int) -> None:
    """Wait until nobody else writes this school's roster; held until the transaction ends.

    Rows that refer to the school can be written meanwhile.
    """
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True, of=School))
