"""The cohort rule (R4.3): which year of graduation may act, which only reads."""

from __future__ import annotations

from datetime import date

from app.base import clock
from app.base.settings import settings


def current_cohort(today: date | None = None) -> int:
    """The year of graduation that is current: on 2026-11-21 it is 2027."""
    day = today or clock.today()
    return day.year + 1 if (day.month, day.day) >= settings().cohort_switch else day.year


def is_operable(cohort: int, today: date | None = None) -> bool:
    """Whether graduates and employers of the cohort may act.

    The current cohort may; the one before it until 31 January after its year, that day included.
    """
    day = today or clock.today()
    current = current_cohort(day)
    return cohort == current or (cohort == current - 1 and day <= date(cohort + 1, 1, 31))


def shown_cohorts(today: date | None = None) -> list[int]:
    """The cohorts offered in switches, newest first."""
    current = current_cohort(today)
    return [current - back for back in range(4)]
