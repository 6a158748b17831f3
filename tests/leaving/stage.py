"""Sets leaving confirmations on the stage in any state, through the services alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.base import clock
from app.base.cohorts import current_cohort
from app.cases.services import begin_case
from app.leaving.models import Leaving
from app.leaving.queries import leaving_of
from app.schools.seasons.services import save_school_season
from app.workflow import engine
from tests.destination.stage import Stage as Destination
from tests.household.stage import Stage as Household
from tests.signing.stage import user

STATES = ("open", "reported", "confirmed")
REPORT = {"text": "档案接收单位的地址已变更，应为文三路 10 号。"}
ANSWER = {"text": "已联系档案室更正，请重新核对。"}


def open_window(school: str = "school10001", first: int = -1, last: int = 20, cohort: int | None = None) -> None:
    """The school's days, counted from today."""
    days = {"from": str(clock.today() + timedelta(days=first)), "until": str(clock.today() + timedelta(days=last))}
    save_school_season({"leaving": days}, cohort or current_cohort(), actor=user(school))


def close_window(school: str = "school10001") -> None:
    """No days at all."""
    save_school_season({"leaving": None}, current_cohort(), actor=user(school))


def registered(*kinds: str, graduate: str = "graduate1") -> Any:
    """An approved destination, and approved registrations of these kinds."""
    found = Destination(graduate).bring("approved")
    for kind in kinds:
        Household(kind, graduate).bring("approved")
    return found


def begin(graduate: str = "graduate1") -> Leaving:
    """The graduate looks through what is registered."""
    case: Leaving = begin_case("leaving", {}, actor=user(graduate))
    return case


def fire(case: Leaving, event: str, who: str, **data: Any) -> Leaving:
    """One event with its data."""
    return engine.fire("leaving", case.id, event, actor=user(who), data=data)


def confirmed(*kinds: str, graduate: str = "graduate1") -> Leaving:
    """A graduate with a destination and these registrations, who has confirmed them."""
    open_window()
    registered(*kinds, graduate=graduate)
    return fire(begin(graduate), "confirm", graduate)


def bring(state: str) -> Leaving:
    """A new confirmation in `state`."""
    open_window()
    registered("archive")
    case = begin()
    if state == "reported":
        case = fire(case, "report", "graduate1", **REPORT)
    if state == "confirmed":
        case = fire(case, "confirm", "graduate1")
    assert case.state == state
    return case


def now(graduate: str = "graduate1") -> Leaving:
    """The confirmation as the database has it."""
    case = leaving_of(user(graduate).graduate_id or 0)
    assert case is not None
    return case
