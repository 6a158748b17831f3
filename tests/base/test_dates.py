"""Days, times and deadlines in China's time, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.base.dates import day_text, deadline_text, time_text

LAST_MOMENT = datetime(2027, 1, 31, 16, 0, tzinfo=UTC)  # midnight in China


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """A request in Chinese."""
    app = Flask(__name__)
    app.config.update(BABEL_DEFAULT_LOCALE="zh")
    Babel(app)
    with app.test_request_context("/"):
        yield


def test_a_moment_is_written_in_chinas_time() -> None:
    assert time_text(datetime(2027, 1, 30, 16, 5, tzinfo=UTC)) == "2027年1月31日 00:05"
    assert time_text("2027-01-30T16:05:00") == "2027年1月31日 00:05"  # as stored, without an offset
    assert day_text("2027-01-31") == "2027年1月31日"
    assert (day_text(None), time_text(None), deadline_text(None)) == ("", "", "")


@pytest.mark.parametrize("value", [date(2027, 1, 31), "2027-01-31", LAST_MOMENT])
def test_a_deadline_at_midnight_is_24_oclock_of_the_day_before(value: date | str) -> None:
    assert deadline_text(value) == "2027年1月31日 24:00"


def test_another_language_writes_its_own_way() -> None:
    with force_locale("en"):
        assert day_text("2027-01-31") == "January 31, 2027"
        assert time_text("2027-01-30T16:05:00") == "January 31, 2027 00:05"
        assert deadline_text(LAST_MOMENT) == "January 31, 2027 24:00"
