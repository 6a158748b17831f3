"""Cells become text alike in every importer; a number never becomes digits that nobody typed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base.cells import ERROR, Takes, WrongCell, is_error, text_of
from app.base.values.days import month_of, years_of_study

pytestmark = pytest.mark.usefixtures("app_context")
EVERY = [Takes.NOTHING, Takes.WHOLE, Takes.WHOLE | Takes.FRACTION, Takes.DAY]


@given(st.text(), st.sampled_from(EVERY))
def test_text_stays_as_it_was_typed(text: str, takes: Takes) -> None:
    if not is_error(text):
        assert text_of(text, takes) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(EVERY))
def test_a_number_is_what_was_typed_or_is_refused(number: float, takes: Takes) -> None:
    try:
        text = text_of(number, takes)
    except WrongCell:
        return
    assert takes
    assert date.fromisoformat(text) if takes is Takes.DAY and "-" in text[1:] else float(text) == number


@given(st.integers(10**15, 10**18))
def test_what_has_more_digits_than_a_cell_keeps_is_refused_everywhere(number: int) -> None:
    for takes in EVERY:
        with pytest.raises(WrongCell):
            text_of(float(number), takes)


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_a_day_is_read_however_the_cell_holds_it(day: date) -> None:
    serial = float((day - date(1899, 12, 30)).days)
    for cell in (serial, day, datetime(day.year, day.month, day.day), f"{day}T00:00:00", f"{day}T00:00:00Z"):
        assert text_of(cell, Takes.DAY) == day.isoformat()
    for cell in (datetime(day.year, day.month, day.day, 8), timedelta(days=1)):
        with pytest.raises(WrongCell):
            text_of(cell, Takes.DAY)


@pytest.mark.parametrize("cell", [ERROR, "#N/A", " #REF! ", "#DIV/0!", "#NAME?", "#VALUE!", True, date(2027, 1, 1)])
def test_what_is_no_value_is_refused_in_words(cell: Any) -> None:
    with pytest.raises(WrongCell) as wrong:
        text_of(cell, Takes.WHOLE)
    assert str(wrong.value.text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *(("4", "4"), ("4.0", "4"), ("4年", "4"), ("四年制", "4"), ("４ 年", "4"), ("4学年", "4"), ("2.50", "2.5")),
        *(
            ("２．５年", "2.5"),
            ("两年", "2"),
            ("2.4", "2.4"),
            ("40", "40"),
            ("", ""),
            ("年", "年"),
            ("四年半", "四年半"),
        ),
    ],
)
def test_years_of_study_in_every_spelling(typed: str, read: str) -> None:
    assert years_of_study(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *((typed, "2023-09") for typed in ("2023-09", "2023.9", "202309", "2023年9月", "２０２３／０９", "2023-09-01")),
        *((typed, typed) for typed in ("2023", "去年", "9月", "")),
    ],
)
def test_months_in_every_spelling(typed: str, read: str) -> None:
    assert month_of(typed) == read
