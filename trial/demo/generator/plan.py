"""What the writing processes need to know of the generated country: plain values that can be sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.base import clock
from app.base.cohorts import current_cohort
from config import Settings
from trial.demo.generator.paths import LAST, Outcomes

# How many of a hundred graduates belong to the current cohort, the one before it and the one before that.
SHARES = (60, 30, 10)


@dataclass(frozen=True)
class DepartmentPlan:
    """A department of a generated school with its majors."""

    id: int
    name: str
    majors: tuple[str, ...]


@dataclass(frozen=True)
class SchoolPlan:
    """A generated school as the rows of its graduates need it."""

    id: int
    code: str
    name: str
    province_id: int
    province_code: str
    agreement_type: str
    review_mode: str
    is_college: bool
    departments: tuple[DepartmentPlan, ...]
    contact: Mapping[str, str]


@dataclass(frozen=True)
class UnitPlan:
    """A generated unit: what an agreement says of it, and the letters that it sends."""

    id: int
    facts: Mapping[str, Any]
    contact: str
    letters: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Labels:
    """Words of the codes that an agreement spells out."""

    of_graduate: Mapping[str, Mapping[str, str]]  # field -> code -> word
    job_category: Mapping[str, str]
    region: Mapping[str, str]


@dataclass(frozen=True)
class Season:
    """A cohort and the time in which its invitations were sent."""

    cohort: int
    begin: datetime
    end: datetime
    share: int
    is_current: bool


@dataclass(frozen=True)
class Share:
    """The part of the country that one process writes: its own schools, so that no chain has two writers."""

    number: int
    seed: int
    graduates: int
    schools: tuple[SchoolPlan, ...]
    units: tuple[UnitPlan, ...]
    labels: Labels
    seasons: tuple[Season, ...]
    now: datetime
    settings: Settings
    last: Outcomes = LAST


def seasons_until(now: datetime) -> tuple[Season, ...]:
    """The current cohort's season, which still goes on, and the two before it; the oldest first."""
    current = current_cohort(now.astimezone(clock.SHANGHAI).date())
    seasons = []
    for back, share in enumerate(SHARES):
        cohort = current - back
        begin = clock.end_of_day(date(cohort - 1, 8, 31))
        end = min(clock.end_of_day(date(cohort, 6, 30)), now)
        # Right after the switch the season is too young for anything to be signed in it.
        begin = min(begin, now - timedelta(days=40))
        seasons.append(Season(cohort, begin, end, share, back == 0))
    return tuple(reversed(seasons))
