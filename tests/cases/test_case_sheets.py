"""Sheets of cases: the same through every door, joined to the roster by 考生号, with what staff have decided."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.base import clock
from app.destination.models import Destination
from app.web.sheets import Column, cells_of, write_xlsx
from tests.destination.stage import RETURN, Stage, fire
from tests.notices.browser import logged_in
from trial.demo.country import GRADUATES

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
# Where staff read the records of a workflow, by its name.
LISTS = {
    "online_signing": "online-signings",
    "offline_signing": "online-signings/by-students",
    "supplementary": "supplementaries",
    "online_termination": "online-terminations",
    "offline_termination": "offline-terminations",
    "amendment": "amendments",
    "destination": "destinations",
    "archive": "archives",
    "hukou": "hukous",
    "leaving": "leavings",
}
VERDICT = ("最近审核经办人", "经办人账号", "审核时间", "审核意见", "各项审核意见")
WHO = GRADUATES[0]


@pytest.fixture
def department(app: Flask) -> FlaskClient:
    """The desk of the department of graduate1."""
    return logged_in(app, "dept10001a")


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def _headings(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


def _exam_number(sql: Any, case: Destination) -> str:
    found = sql.execute("SELECT exam_number FROM graduates WHERE id = %s", (case.graduate_id,)).fetchone()
    return str(found[0])


def test_every_sheet_is_the_same_through_both_doors_and_joins_the_roster(app: Flask, api: Any) -> None:
    page = logged_in(app, "school10001")
    for workflow, place in LISTS.items():
        shown = _headings(page.get(f"/staff/{place}/export?format=csv").text)
        assert shown == _headings(api("school10001").get(f"/{workflow}/export?format=csv").text), workflow
        assert {"考生号", "学号", "学历", *VERDICT} <= set(shown), workflow
        assert len(set(shown)) == len(shown), f"{workflow}: a heading stands twice"


def test_a_unit_is_told_no_numbers_of_the_roster(api: Any) -> None:
    told = _headings(api("employer1").get("/online_signing/export?format=csv").text)
    assert not {"考生号", "学号", "手机号", *VERDICT} & set(told)


def test_who_was_returned_is_told_with_reason_and_reviewer(department: FlaskClient, sql: Any) -> None:
    """Whether it was handed in again or not; days that lie outside find nobody."""
    stage = Stage("graduate1", "dept10001a", "school10001")
    case = stage.bring("returned")
    export = "/staff/destinations/export?format=csv&returned=1"
    (row, _origin) = _rows(department.get(export).text)
    assert row["考生号"] == _exam_number(sql, case)
    assert (row["经办人账号"], row["审核意见"]) == ("dept10001a", RETURN["reason"])
    assert all(words in row["各项审核意见"] for words in RETURN["fields"].values())
    fire(case, "submit", stage.graduate)
    today = clock.today()
    found = {
        span: len(_rows(department.get(f"{export}&{span}").text)) - 1
        for span in (
            f"returned_from={today}&returned_until={today}",
            f"returned_until={today - timedelta(days=1)}",
            f"returned_from={today + timedelta(days=1)}",
        )
    }
    assert list(found.values()) == [1, 0, 0]
    for odd in (
        "returned_from=soon",
        "returned_from=0001-01-01",
        "returned_until=9999-12-31",
        "returned_until=0000-00-00",
    ):
        assert department.get(f"{export}&{odd}").status_code == 400, odd


def test_some_columns_can_be_chosen(department: FlaskClient, api: Any, sql: Any) -> None:
    case = Stage("graduate1", "dept10001a", "school10001").bring("dept_review")
    chosen = quote("姓名,考生号")
    for told in (
        department.get(f"/staff/destinations/export?format=csv&columns={chosen}"),
        api("dept10001a").get(f"/destination/export?format=csv&columns={chosen}"),
    ):
        assert told.text.lstrip("\ufeff").splitlines()[:2] == ["考生号,姓名", f"{_exam_number(sql, case)},{WHO.name}"]
    refused = api("dept10001a").get("/destination/export?columns=nothing")
    assert (refused.status_code, refused.get_json()["code"]) == (400, "unknown_parameter")


def test_a_workbook_is_ready_to_be_filtered_sorted_and_printed() -> None:
    file, at = io.BytesIO(), datetime.fromisoformat("2026-11-30T01:02:00+08:00")
    columns = [Column("号码", lambda row: row[0]), Column("日期", lambda row: row[1]), Column("话", lambda row: row[2])]
    rows = [("012345678901234567", at, "=1+1"), ("1", "2027-06-30", "@x"), ("2", date(2027, 7, 1), "2027-13-01")]
    write_xlsx(file, columns, cells_of(columns, rows), "who", "名单：全部/一")
    sheet = load_workbook(file).active
    assert sheet is not None
    assert (sheet.title, sheet.auto_filter.ref, sheet.freeze_panes) == ("名单：全部 一", "A1:C4", "A2")
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$1", "landscape")
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert cells == [
        ["012345678901234567", datetime(2026, 11, 30, 1, 2), "=1+1"],
        ["1", datetime(2027, 6, 30), "@x"],
        ["2", datetime(2027, 7, 1), "2027-13-01"],
    ]
    assert {cell.data_type for cell in sheet["C"]} == {"s"}
