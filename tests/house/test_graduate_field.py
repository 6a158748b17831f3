"""A graduate's field is its entry and one migration: invented ones pass through everything, in a program of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from xlsxwriter.utility import xl_col_to_name

from app.codes.fields import AGREEMENT, CASE, NOBODY, Kind
from app.codes.graduate_fields import FIELDS, in_sheet
from tests.fixtures.standin import ROOT, Standin
from tests.house import invented

NOTHING: dict[str, Any] = {field.name: None for field in invented.FIELDS}
FIRST = {"form_of_study": "1", "card_number": "A123456", "entered_on": "2023-09-01"}


@pytest.fixture(scope="module")
def seen(database: str, environment: dict[str, str], standin_service: Standin) -> dict[str, Any]:
    """What tests/house/field_walk.py saw: it and the employment system's stand-in run with the invented fields."""
    standin_service.stop()
    standin_service.start("tests.house.invented", "trial.ems")
    try:
        walk = subprocess.run(
            [sys.executable, "-m", "tests.house.invented", "tests.house.field_walk"],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        standin_service.stop()
    assert walk.returncode == 0, walk.stderr[-4000:]
    found: dict[str, Any] = json.loads(walk.stdout[walk.stdout.index("{") :])
    return found


def test_the_list_keeps_its_own_promises() -> None:
    """What an entry must not say, so that nothing that follows from it is surprised."""
    assert len({field.name for field in FIELDS}) == len({field.ems_key for field in FIELDS}) == len(FIELDS)
    assert [field.sheet.column for field in in_sheet() if field.sheet] == [
        xl_col_to_name(place) for place in range(len(in_sheet()))
    ]
    for field in FIELDS:
        assert (field.kind is Kind.CODE) == bool(field.table), f"{field.name}: a code without a table"
        assert CASE in field.places or not (field.refreshable or AGREEMENT in field.places), (
            f"{field.name}: only what cases keep can be refreshed or printed"
        )
        assert field.compared or not field.refreshable, f"{field.name}: what is taken over is seen before"
        assert field.encrypted or not field.indexed, f"{field.name}: an index for what is encrypted"
        assert not (field.sheet and field.sheet.later and field.required), f"{field.name}: older sheets lack it"
        assert field.editor is NOBODY or not field.related or field.name == "department"


def test_migration_adds_columns_and_nothing_else(seen: dict[str, Any]) -> None:
    columns = ["AddColumnOp"] * (len(invented.FIELDS) + 1)
    assert seen["migration"] == [*columns, "CreateIndexOp"], "one has a blind index beside it"


def test_template_and_its_notes_and_codes(seen: dict[str, Any]) -> None:
    sheets = seen["sheets"]
    assert sheets["headings"][-6:] == ["学习方式", "一卡通号", "入学日期", "备注AF", "备注AG", "备注AH"]
    assert sheets["notes"]["学习方式"].startswith("按代码。")
    assert "可" in sheets["notes"]["一卡通号"], "it may stay empty"
    assert "学习方式" in sheets["codes"]


def test_import_reads_checks_and_keeps(seen: dict[str, Any]) -> None:
    sheets = seen["sheets"]
    assert [column for column, _words in sheets["wrong"]] == ["学习方式", "一卡通号", "入学日期"]
    assert sheets["wrong"][1][1] == "一卡通号是一个字母和六位数字。"
    assert sheets["committed"] == "committed"
    assert sheets["first"] == {**NOTHING, **FIRST, "remark_af": "末列"}
    assert sheets["stored"], "encrypted"
    assert sheets["index"], "found by its blind index"


def test_sheets_of_an_older_template_and_other_headings_are_taken(seen: dict[str, Any]) -> None:
    assert (seen["sheets"]["older"], seen["sheets"]["alias"]) == ("ready", "ready")


def test_comparison_shows_what_differs_and_undo_brings_it_back(seen: dict[str, Any]) -> None:
    sheets = seen["sheets"]
    assert sheets["differences"] == {
        "form_of_study": ["1", "2"],
        "card_number": ["****", "****"],
        "entered_on": ["2023-09-01", "2023-09-02"],
        "remark_af": ["末列", "改过"],
    }
    assert sheets["then"]["card_number"] == "B654321"
    assert sheets["undone"] == sheets["first"]
    assert sheets["blank"] == 1, "an empty cell keeps what is there"


def test_api_answers_and_describes(seen: dict[str, Any]) -> None:
    doors = seen["doors"]
    assert doors["json"] == {**NOTHING, **FIRST, "card_number": "****", "remark_af": "末列"}
    assert {name: one["type"] for name, one in doors["described"].items()} == {
        key: ["string", "null"] for key in NOTHING
    }


def test_staff_read_it_where_the_entry_says(seen: dict[str, Any]) -> None:
    doors = seen["doors"]
    assert "全日制" in doors["list"]
    offered = 'value="一卡通号"><span>一卡通号</span>'  # as a column of the download
    assert "一卡通号" not in doors["list"].replace(offered, "")
    for words in ("学习方式", "全日制", "一卡通号", "入学日期", "2023年9月1日", "末列"):
        assert words in doors["page"]
    assert "A123456" not in doors["page"]
    assert (doors["export"]["学习方式"], doors["export"]["一卡通号"]) == ("全日制", "****")
    assert "入学日期" not in doors["export"]


def test_employment_system_is_told_and_its_corrections_come_back(seen: dict[str, Any]) -> None:
    system = seen["ems"]
    assert (system["told"]["xxfs"], system["told"]["entered_on"]) == ("1", "2023-09-01")
    assert "card_number" not in system["told"]
    assert system["differences"] == {
        "form_of_study": ["全日制", "非全日制"],
        "entered_on": ["2023-09-01", "2023-10-01"],
    }
    assert (system["shown"]["form_of_study"], system["pulled"]["form_of_study"]) == ("2", "2")
    assert system["pulled"]["entered_on"] == "2023-10-01"
    assert system["page"].count("学习方式") == 1
    assert "非全日制" in system["page"]


def test_case_keeps_it_and_an_approval_takes_it_over(seen: dict[str, Any]) -> None:
    case = seen["case"]
    absent = {name: "absent" for name in NOTHING if name not in ("form_of_study", "entered_on")}
    assert case["kept"] == {**absent, "form_of_study": "1", "entered_on": None}
    assert case["refreshed"] == {**absent, "form_of_study": "2", "entered_on": "2023-10-01"}
    assert "学习方式 全日制 → 非全日制" in case["record"]
    assert "一卡通号" in case["review"]


def test_agreement_prints_what_its_form_has_no_cell_for(seen: dict[str, Any]) -> None:
    case = seen["case"]
    assert (case["frozen"]["form_of_study"], case["frozen"]["entered_on"]) == ("非全日制", "2023-10-01")
    assert "学习方式非全日制入学日期2023年10月1日" in case["pdf"]


def test_graduates_read_their_own(seen: dict[str, Any]) -> None:
    assert "学习方式" in seen["case"]["own"]
    assert "入学日期" not in seen["case"]["own"]
    assert "D000002" not in seen["case"]["own"]


def test_generated_countries_have_it(seen: dict[str, Any]) -> None:
    assert seen["generated"] == [40, *[None] * len(NOTHING)]
