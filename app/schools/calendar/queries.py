"""The days that a school has set for a cohort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.base import clock
from app.base.database import session
from app.schools.calendar.models import SchoolCalendar


@dataclass(frozen=True)
class Window:
    """From a day until a day, both inclusive."""

    since: date
    until: date

    @property
    def is_open(self) -> bool:
        """Whether it is open today, by the clocks of China."""
        return self.since <= clock.today() <= self.until


def leaving_window(school_id: int, cohort: int) -> Window | None:
    """When graduates of the cohort confirm that they leave; None where the school has set no days."""
    row = session.get(SchoolCalendar, (school_id, cohort))
    if row is None or row.leaving_from is None or row.leaving_until is None:
        return None
    return Window(row.leaving_from, row.leaving_until)
