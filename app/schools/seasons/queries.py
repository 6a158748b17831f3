"""What holds for a cohort at a place: its own setting, else the province's, else the platform's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.base.kept import by_key
from app.schools.seasons.models import REVIEWED, ProvinceSeason, SchoolSeason
from app.workflow.waiting import PLATFORM


@dataclass(frozen=True)
class Limits:
    """The limits of waiting that hold at a place, in whole days."""

    answer_min: int
    answer_days: int
    review_days: int
    termination_days: int
    dispatch_days: int
    receipt_days: int


WINDOWS = ("leaving", "checking")


@dataclass(frozen=True)
class Window:
    """From a day until a day, both inclusive."""

    since: date
    until: date

    @property
    def is_open(self) -> bool:
        """Whether it is open today, by the clocks of China."""
        return self.since <= clock.today() <= self.until


def limits_for(school_id: int | None, province_id: int, cohort: int) -> Limits:
    """What holds at a school, or with None what its province gives to all; one statement."""
    of_province = select(ProvinceSeason.deadlines).where(
        ProvinceSeason.province_id == province_id, ProvinceSeason.cohort == cohort
    )
    of_school = select(SchoolSeason.deadlines).where(SchoolSeason.school_id == school_id, SchoolSeason.cohort == cohort)
    return _joined(*session.execute(select(of_province.scalar_subquery(), of_school.scalar_subquery())).one())


def limits_of(graduates: Iterable[Any]) -> dict[int, Limits]:
    """What holds for each of many graduates, by their id; two statements, however many schools they are of."""
    people = list(graduates)
    cohorts = {one.cohort for one in people}
    provinces, schools = {one.province_id for one in people}, {one.school_id for one in people}
    above = select(ProvinceSeason.province_id, ProvinceSeason.cohort, ProvinceSeason.deadlines).where(
        ProvinceSeason.province_id.in_(provinces), ProvinceSeason.cohort.in_(cohorts)
    )
    own = select(SchoolSeason.school_id, SchoolSeason.cohort, SchoolSeason.deadlines).where(
        SchoolSeason.school_id.in_(schools), SchoolSeason.cohort.in_(cohorts)
    )
    of_province, of_school = ({(place, year): set_ for place, year, set_ in session.execute(q)} for q in (above, own))
    return {
        one.id: _joined(of_province.get((one.province_id, one.cohort)), of_school.get((one.school_id, one.cohort)))
        for one in people
    }


def _joined(*levels: Mapping[str, Any] | None) -> Limits:
    """The nearest level that says something; of the shortest time the longest, which no level may go below."""
    found = dict(PLATFORM)
    for level in levels:
        found |= {name: days for name, days in (level or {}).items() if name != "answer_min"}
        found["answer_min"] = max(found["answer_min"], (level or {}).get("answer_min", 0))
    found["answer_days"] = max(found["answer_days"], found["answer_min"])
    return Limits(**found)


def season_of_province(province_id: int, cohort: int) -> ProvinceSeason | None:
    """What the province has set for the cohort; None where it has set nothing."""
    found: ProvinceSeason | None = by_key(ProvinceSeason, province_id, cohort)
    return found


def season_of_school(school_id: int, cohort: int) -> SchoolSeason | None:
    """What the school has set for the cohort; None where it has set nothing."""
    found: SchoolSeason | None = by_key(SchoolSeason, school_id, cohort)
    return found


def leaving_window(school_id: int, cohort: int) -> Window | None:
    """When graduates of the cohort confirm that they leave; None where the school has set no days."""
    return window_in(season_of_school(school_id, cohort), "leaving")


def checking_window(school_id: int, cohort: int) -> Window | None:
    """When graduates of the cohort check what the roster says of them; None where the school has set no days."""
    return window_in(season_of_school(school_id, cohort), "checking")


def window_in(season: SchoolSeason | None, name: str) -> Window | None:
    """One of the windows that a school may set; None where it has set no days."""
    since, until = (getattr(season, f"{name}_{end}", None) for end in ("from", "until"))
    return Window(since, until) if since is not None and until is not None else None


def changes_until(season: ProvinceSeason | None, cohort: int) -> date:
    """The last day on which what is approved may change without a review: 31 August of the year, or as set."""
    return (season and season.changes_until) or date(cohort, 8, 31)


def change_is_reviewed(province_id: int, cohort: int) -> bool:
    """Whether an approved destination changes by a reviewed change alone: where the province says so, else after a day."""
    season = season_of_province(province_id, cohort)
    is_set = season is not None and season.destination_change == REVIEWED
    return is_set or clock.today() > changes_until(season, cohort)
