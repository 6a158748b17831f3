"""The only writer of the days that a school sets for a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.access import audit
from app.access.actors import Actor
from app.base.database import session, transaction
from app.codes.forms import read
from app.schools.calendar.forms import CalendarForm
from app.schools.calendar.models import SchoolCalendar
from app.schools.changes import known_cohort
from app.schools.queries import school_subject
from app.schools.services import own_school

NAMES = tuple(CalendarForm().fields)


def save_school_calendar(changes: Mapping[str, Any], cohort: int | None, *, actor: Actor) -> int:
    """Set what `changes` names of the days of the actor's school; returns the cohort meant. Opens nothing.

    Called by school accounts with 读写 on the employment module, in season or not. Raises Forbidden, Invalid.
    """
    with transaction():
        school = own_school(actor, "employment")
        year = known_cohort(cohort)
        wanted = read(CalendarForm, {name: changes[name] for name in NAMES if name in changes})
        key = {"school_id": school.id, "cohort": year}
        session.execute(insert(SchoolCalendar).values(**key).on_conflict_do_nothing())
        row = session.get_one(SchoolCalendar, (school.id, year), with_for_update=True, populate_existing=True)
        before = _told(row)
        if "leaving" in wanted:
            days = wanted["leaving"] or {}
            row.leaving_from, row.leaving_until = days.get("from_"), days.get("until")
        after = _told(row)
        if after != before:
            subject = school_subject(school, year, "employment")
            audit.record("settings", actor=actor, subject=subject, detail={"before": before, "after": after})
    return year


def _told(row: SchoolCalendar) -> dict[str, Any]:
    days = (row.leaving_from, row.leaving_until)
    return {"leaving": [day.isoformat() for day in days if day is not None] or None}
