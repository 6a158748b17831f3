"""The cohort rule: the current one operates, the one before it until 31 January, older ones are read only (R4.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from app.base.clock import SHANGHAI
from app.base.cohorts import current_cohort, is_operable, shown_cohorts

pytestmark = pytest.mark.usefixtures("application")


@pytest.mark.parametrize(
    ("day", "current"),
    [
        (date(2026, 8, 31), 2026),
        (date(2026, 9, 1), 2027),
        (date(2026, 11, 21), 2027),
        (date(2026, 12, 31), 2027),
        (date(2027, 1, 1), 2027),
        (date(2027, 8, 31), 2027),
        (date(2027, 9, 1), 2028),
        (date(2028, 2, 29), 2028),
    ],
)
def test_current_cohort_changes_on_the_first_of_september(day: date, current: int) -> None:
    assert current_cohort(day) == current


@pytest.mark.parametrize(
    ("day", "operable"),
    [
        (date(2026, 8, 31), {2026}),
        (date(2026, 9, 1), {2026, 2027}),
        (date(2027, 1, 31), {2026, 2027}),
        (date(2027, 2, 1), {2027}),
        (date(2027, 8, 31), {2027}),
        (date(2027, 9, 1), {2027, 2028}),
    ],
)
def test_last_cohort_operates_until_the_end_of_january(day: date, operable: set[int]) -> None:
    assert {cohort for cohort in range(2020, 2035) if is_operable(cohort, day)} == operable


def test_day_is_that_of_china() -> None:
    """The switch comes at midnight in China, when it is still the day before in UTC."""
    with time_machine.travel(datetime(2026, 8, 31, 15, 59, 59, tzinfo=UTC), tick=False):
        assert current_cohort() == 2026
    with time_machine.travel(datetime(2026, 8, 31, 16, 0, tzinfo=UTC), tick=False):
        assert current_cohort() == 2027
    with time_machine.travel(datetime(2027, 1, 31, 23, 59, 59, tzinfo=SHANGHAI), tick=False):
        assert is_operable(2026)
    with time_machine.travel(datetime(2027, 2, 1, tzinfo=SHANGHAI), tick=False):
        assert not is_operable(2026)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_one_cohort_or_two_neighbours_operate_on_any_day(day: date) -> None:
    operable = [cohort for cohort in range(day.year - 3, day.year + 4) if is_operable(cohort, day)]
    assert operable in ([current_cohort(day)], [current_cohort(day) - 1, current_cohort(day)])
    assert current_cohort(day + timedelta(days=1)) - current_cohort(day) in (0, 1)


def test_switch_is_a_setting(change_settings: Callable[..., None]) -> None:
    change_settings(cohort_switch=(7, 15))
    assert (current_cohort(date(2026, 7, 14)), current_cohort(date(2026, 7, 15))) == (2026, 2027)
    assert is_operable(2026, date(2027, 1, 31))
    assert not is_operable(2026, date(2027, 2, 1))


def test_switches_offer_four_cohorts_newest_first() -> None:
    assert shown_cohorts(date(2026, 11, 21)) == [2027, 2026, 2025, 2024]
