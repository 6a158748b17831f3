"""Labels, choices and regions come from memory, follow validity, and change in every process after an edit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from flask import Flask

from app.base.database import session
from app.codes import cache, queries
from app.codes.models import CodeEntry, Region
from app.codes.services import new_version

pytestmark = pytest.mark.usefixtures("reference")

RENAMED = date(2027, 1, 1)


@pytest.fixture
def renamed(reference: Flask) -> Iterator[None]:
    """Code 10A is called otherwise from 2027 on, and 10B ends with 2026."""
    lines = {line.code: line for line in session.query(CodeEntry).filter_by(code_table="destination")}
    lines["10A"].valid_to = lines["10B"].valid_to = date(2026, 12, 31)
    later = CodeEntry(code_table="destination", code="10A", label="新名称", parent="10", position=5, valid_from=RENAMED)
    session.add(later)
    session.flush()
    cache.forget()
    yield
    session.rollback()


def test_label_of_a_code() -> None:
    assert queries.label("destination", "10A") == "公招接收函"
    assert queries.label("ethnicity", "01") == "汉族"


def test_label_of_no_code_is_empty_and_of_an_unknown_code_is_itself() -> None:
    assert queries.label("destination", None) == ""
    assert queries.label("destination", "ZZ") == "ZZ"
    assert queries.label("no_such_table", "1") == "1"


def test_choices_keep_the_order_of_the_table() -> None:
    assert queries.choices("sex") == [("1", "男"), ("2", "女")]
    assert [code for code, _label in queries.choices("education_level")][:4] == ["01", "03", "11", "13"]
    assert queries.choices("no_such_table") == []


@pytest.mark.usefixtures("renamed")
def test_validity_decides_label_and_choice() -> None:
    before, after = date(2026, 12, 31), RENAMED
    assert queries.label("destination", "10A", before) == "公招接收函"
    assert queries.label("destination", "10A", after) == "新名称"
    assert queries.label("destination", "10A") == "新名称"
    assert dict(queries.choices("destination", before))["10A"] == "公招接收函"
    assert dict(queries.choices("destination", after))["10A"] == "新名称"


@pytest.mark.usefixtures("renamed")
def test_an_ended_code_is_shown_but_cannot_be_chosen() -> None:
    assert queries.exists("destination", "10B", date(2026, 12, 31))
    assert not queries.exists("destination", "10B", RENAMED)
    assert "10B" not in dict(queries.choices("destination", RENAMED))
    assert queries.labels("destination")["10B"] == "士官"


def test_exists_is_exact() -> None:
    assert queries.exists("ethnicity", "01")
    assert not queries.exists("ethnicity", "1")
    assert not queries.exists("ethnicity", None)
    assert not queries.exists("no_such_table", "01")
    assert queries.exists("region", "110108")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110000", "北京市"),
        ("110108", "北京市 海淀区"),
        ("320102", "江苏省 南京市 玄武区"),
        ("441900", "广东省 东莞市"),
        ("469001", "海南省 五指山市"),
        ("110100", "北京市 市辖区"),
        ("999999", ""),
        (None, ""),
    ],
)
def test_region_label(code: str | None, name: str) -> None:
    assert queries.region_label(code) == name


def test_regions_under() -> None:
    assert len(queries.regions_under()) == 34
    assert ("320100", "南京市") in queries.regions_under("320000")
    assert ("110108", "海淀区") in queries.regions_under("110100")
    assert queries.regions_under("110108") == []


def test_warm_reads_cost_no_statement(statements: list[str]) -> None:
    queries.label("sex", "1")
    statements.clear()
    for _row in range(25):
        queries.label("destination", "10A")
        queries.region_label("110108")
        queries.choices("job_category")
    assert statements == []


def test_the_check_for_news_costs_one_statement(statements: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    queries.label("sex", "1")
    statements.clear()
    monkeypatch.setattr(cache, "CHECK_EVERY", 0.0)
    queries.label("sex", "1")
    assert len(statements) == 1


def test_an_edit_of_another_process_is_seen_at_the_next_check(
    reference: Flask, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queries.label("sex", "1") == "男"
    with psycopg.connect(empty_database.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("UPDATE code_entries SET label = '男性' WHERE code_table = 'sex' AND code = '1'")
        other.execute("UPDATE codes_version SET version = version + 1")
        try:
            assert queries.label("sex", "1") == "男"
            monkeypatch.setattr(cache, "CHECK_EVERY", 0.0)
            assert queries.label("sex", "1") == "男性"
        finally:
            other.execute("UPDATE code_entries SET label = '男' WHERE code_table = 'sex' AND code = '1'")
            other.execute("UPDATE codes_version SET version = version + 1")


def test_what_was_read_within_an_undone_edit_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHECK_EVERY", 0.0)
    session.get_one(Region, "110108").full_name = "别处"
    new_version()
    session.flush()
    assert queries.region_label("110108") == "别处"
    session.rollback()
    assert queries.region_label("110108") == "北京市 海淀区"
