"""How dates, deadlines, money and addresses are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from app.web import cells, filters

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # 12:00 in China


@pytest.fixture(autouse=True)
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A request in Chinese at noon of 2026-11-21 in China."""
    monkeypatch.setattr(filters, "now", lambda: NOON)
    app = Flask("app", root_path=str(ROOT / "app"))
    app.config.update(BABEL_DEFAULT_LOCALE="zh", BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"))
    Babel(app)
    filters.register(app)
    with app.test_request_context("/list?_flt_0_name=a&_flt_1_on=b&psize_X=25&page_X=3&page=2"):
        yield app


@pytest.mark.parametrize(
    ("left", "words", "nearness"),
    [
        (timedelta(days=9, hours=1), "还剩 9 天", "calm"),
        (timedelta(days=2), "还剩 2 天", "soon"),
        (timedelta(hours=23), "还剩 23 小时", "last"),
        (timedelta(seconds=20), "还剩 1 分钟", "last"),
        (timedelta(seconds=-1), "已过期", "past"),
    ],
)
def test_the_time_left_is_counted_down(left: timedelta, words: str, nearness: str) -> None:
    assert filters.remaining(NOON + left) == words
    assert filters.urgency(NOON + left) == nearness


def test_the_last_day_runs_until_its_end() -> None:
    assert filters.remaining(date(2026, 11, 21)) == "还剩 12 小时"


@pytest.mark.parametrize(
    ("value", "words"), [("8500.00", "8,500 元"), (12000.5, "12,000.50 元"), (None, ""), ("x", "x")]
)
def test_money_shows_cents_only_where_there_are_some(value: object, words: str) -> None:
    assert filters.money(value) == words  # type: ignore[arg-type]


def test_an_unknown_tone_is_grey() -> None:
    assert filters.tone("in_force") == "in-force"
    assert filters.tone('x" onclick="') == "over"


def test_a_state_is_escaped() -> None:
    assert filters.state_markup("<b>", "mine") == '<span class="state state--mine">&lt;b&gt;</span>'


def test_an_address_loses_one_filter_and_its_page() -> None:
    assert filters.url_without("_flt_0_name") == "/list?_flt_1_on=b&psize_X=25"
    assert filters.url_without("_flt_") == "/list?psize_X=25"
    assert filters.url_with(psize_X=50) == "/list?_flt_0_name=a&_flt_1_on=b&page_X=3&psize_X=50"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("2027年1月31日 14:05", "keep"),
        ("2027-01-31", "keep"),
        ("110101********1234", "nowrap"),
        ("研究生", "nowrap"),
        ("北京砚渡禾信息技术有限公司", "flows"),
        (filters.state_markup("已签约", "in_force"), ""),
    ],
)
def test_a_table_cell_breaks_where_a_reader_would(value: str, rule: str) -> None:
    assert cells.cell_class(value) == rule
