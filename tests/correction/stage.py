"""Sets corrections of student data on the stage in any state, through the services alone."""

from __future__ import annotations

from datetime import timedelta

from app.base import clock
from app.base.cohorts import current_cohort
from app.cases.services import begin_case
from app.correction.models import Correction
from app.schools.seasons.services import save_school_season
from app.workflow import engine
from tests.signing.stage import user

STATES = ("open", "accepted", "mended", "declined", "withdrawn")
DECLINED = {"reason": "与学籍一致，无需更正。"}
_WAY = {
    "accepted": ("approve", "school10001"),
    "mended": ("mend", "school10001"),
    "declined": ("reject", "school10001"),
    "withdrawn": ("withdraw", "graduate1"),
}


def open_window(school: str = "school10001", first: int = -1, last: int = 20) -> None:
    """The school's days, counted from today."""
    days = {"from": str(clock.today() + timedelta(days=first)), "until": str(clock.today() + timedelta(days=last))}
    save_school_season({"checking": days}, current_cohort(), actor=user(school))


def report(field: str = "major", wanted: str = "软件工程（卓越班）", graduate: str = "graduate1") -> Correction:
    """A graduate names a field as wrong."""
    case: Correction = begin_case("correction", {"field": field, "wanted": wanted}, actor=user(graduate))
    return case


def bring(state: str) -> Correction:
    """A new correction in `state`."""
    open_window()
    case = report()
    if state != "open":
        event, who = _WAY[state]
        case = engine.fire("correction", case.id, event, actor=user(who), data=DECLINED if event == "reject" else {})
    assert case.state == state
    return case
