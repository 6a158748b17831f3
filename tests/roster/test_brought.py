"""Sheets as schools bring them: what is right is taken however the cell holds it, what is odd is told before the commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access.actors import Actor
from app.base.cells import ERROR
from app.roster.imports.checking import Rules, check_rows
from app.roster.imports.columns import HEADINGS
from app.roster.imports.queries import dry_rows
from app.roster.models import RosterBatch
from tests.roster.conftest import Check
from tests.roster.sheets import id_number, sheet, student, table

FOLDER = Path(__file__).parent / "brought"


@pytest.fixture
def brought(check: Check, actor_of: Callable[[str], Actor]) -> Callable[[str], RosterBatch]:
    """A function: the school of these sheets uploads the one whose name begins so."""
    return lambda name: check(next(FOLDER.glob(f"{name}_*")).read_bytes(), actor=actor_of("school10001"))


def _odd(batch: RosterBatch) -> list[tuple[int, str]]:
    assert batch.state == "ready", batch.errors
    return [(warning["row"], warning["column"]) for warning in batch.warnings]


def _values(batch: RosterBatch, name: str) -> list[Any]:
    return [row.values[name] for row in dry_rows(batch, "new", 0)]


def test_fractions_are_read_from_number_cells(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("07")
    assert _odd(batch) == []
    assert _values(batch, "duration") == ["2.5"]


def test_a_row_of_blanks_is_no_student(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("10")
    assert _odd(batch) == []
    assert (batch.rows, batch.new) == (1, 1)


def test_a_hidden_row_is_taken_and_told(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("11")
    assert _odd(batch) == [(2, "")]
    assert "隐藏" in batch.warnings[0]["message"]
    assert batch.new == 2


def test_cells_that_show_an_error_are_empty_and_told(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("13")
    headings = ["困难生类别", "师范生类别", "手机号", "家庭住址"]
    assert sorted(_odd(batch)) == sorted((2, heading) for heading in headings)
    assert all("#N/A" in warning["message"] for warning in batch.warnings)
    assert _values(batch, "mobile") == [None]


def test_years_that_do_not_go_together_are_told(brought: Callable[[str], RosterBatch]) -> None:
    assert _odd(brought("15")) == [(2, "毕业时间"), (3, "毕业时间"), (4, "身份证号")]


def test_a_day_kept_as_a_number_is_a_day(brought: Callable[[str], RosterBatch], check: Check) -> None:
    batch = check(sheet(student(毕业时间=46568)))
    assert _odd(batch) == []
    assert _values(batch, "graduated_on") == ["2027-06-30"]


@pytest.mark.parametrize("name", ["测试", "张三1", "李四（退学）", "姓名", "合计", "王", "某某某", "赵六/钱七", "test"])
def test_what_is_no_name_is_told(check: Check, name: str) -> None:
    assert _odd(check(sheet(student(姓名=name)))) == [(2, "姓名")]


@pytest.mark.parametrize(
    "name", ["李明", "古丽米热·艾比布力", "Maria Example", "O'Neil-Wang", "阿不都热合曼", "欧阳娜娜"]
)
def test_names_are_names(check: Check, name: str) -> None:
    assert _odd(check(sheet(student(姓名=name)))) == []


def test_hundreds_of_hidden_rows_are_told_in_few_lines(check: Check) -> None:
    rows = [list(HEADINGS), *([student()[heading] for heading in HEADINGS] for _ in range(60))]
    hide = lambda _book, page: [page.set_row(line, None, None, {"hidden": True}) for line in range(5, 50)]  # noqa: E731
    found = _odd(check(table(rows, edit=hide)))
    assert [row for row, column in found if not column] == [*range(6, 27)]


def test_a_hidden_column_is_told(check: Check) -> None:
    rows = [list(HEADINGS), [student()[heading] for heading in HEADINGS]]
    hide = lambda _book, page: page.set_column("T:U", None, None, {"hidden": True})  # noqa: E731
    assert _odd(check(table(rows, edit=hide))) == [(0, "电子邮箱"), (0, "家庭住址")]


CELLS = st.one_of(
    st.text(max_size=30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**18), 10**18).map(float),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from([ERROR, None, "", " ", "　", "#N/A", "1", "2027-06-30"]),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(HEADINGS), CELLS, max_size=8))
def test_whatever_a_cell_holds_it_is_taken_or_told_at_its_place(check: Check, cells: dict[str, Any]) -> None:
    right = student(身份证号=id_number(1))
    rows = [list(HEADINGS), [{**right, **cells}[heading] for heading in HEADINGS]]
    checked = check_rows(rows, Rules("10284", "all"))
    told = {problem.column for problem in (*checked.errors, *checked.odd)}
    # Whether a number fits the kind of document that is said is told at the number.
    assert told <= set(cells) | ({"身份证号"} if "证件类型" in cells else set())
    assert all(problem.row == 2 and str(problem.text) for problem in (*checked.errors, *checked.odd))
    for heading, cell in cells.items():
        if isinstance(cell, float) and abs(cell) >= 10**15:
            assert heading in told


def test_days_in_every_spelling_are_read(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("06")
    assert _odd(batch) == []
    assert _values(batch, "graduated_on") == ["2027-06-30"] * 4


def test_characters_that_nobody_sees_are_taken_out_and_told(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("03")
    told = [warning for warning in batch.warnings if "看不见的字符" in warning["message"]]
    assert sorted(warning["column"] for warning in told) == sorted(["姓名", "姓名", "专业", "学号"])
    assert all("U+" in warning["message"] for warning in told)
    assert {"言若谷", "李明"} >= set(_values(batch, "name")[:2])
    assert not any(
        "\u200b" in str(value) or "\ufeff" in str(value)
        for row in dry_rows(batch, "new", 0)
        for value in row.values.values()
    )


def test_padded_and_dotted_names_have_one_spelling(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("04")
    assert batch.state == "ready", batch.errors
    names = _values(batch, "name")
    assert names[:2] == ["李明", "李明"]
    assert set(names[2:]) == {"古丽米热·艾比布力"}


def test_regions_that_have_ended_are_home_regions(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("08")
    assert batch.state == "ready", batch.errors
    assert {"330103", "371203", "110103", "460302"} <= set(_values(batch, "origin_region"))


def test_numbers_that_take_no_message_are_told(brought: Callable[[str], RosterBatch]) -> None:
    batch = brought("09")
    assert batch.state == "ready", batch.errors
    told = [warning for warning in batch.warnings if warning["column"] == "手机号"]
    assert [warning["row"] for warning in told] == [2, 3, 4]
    assert all("收不到短信" in warning["message"] for warning in told)
