"""导入学生名单: who is found goes in, who is not stays a secret, odd files are refused in words (R6.3)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from python_calamine import CalamineWorkbook

from app.base.errors import AppError, Invalid, TooLarge, UnsupportedMedia
from app.employers.favorites.sheets import HEADINGS, MOST_BYTES, MOST_ROWS, read_people
from app.workflow.queues import redis
from tests.fixtures.outbox import run_jobs
from tests.notices.browser import logged_in, token
from trial.demo.country import GRADUATES

Api = Callable[..., Any]
SCHOOL = "北京大学"


@pytest.fixture(autouse=True)
def _forget_misses(app_context: Flask) -> None:
    redis().flushdb()


def sheet(rows: Sequence[Sequence[Any]], heads: Sequence[str] = tuple(HEADINGS), edit: Any = None) -> bytes:
    """An xlsx with these rows below the headings."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    page = book.add_worksheet()
    for line, row in enumerate([heads, *rows]):
        for column, cell in enumerate(row):
            page.write(line, column, cell)
    if edit is not None:
        edit(page)
    book.close()
    return file.getvalue()


def _person(number: int) -> tuple[str, str, str]:
    return GRADUATES[number - 1].name, GRADUATES[number - 1].id_number, SCHOOL


def _send(client: Any, content: bytes, name: str = "list.xlsx") -> Any:
    return client.post("/favorites/import", data={"file": (io.BytesIO(content), name)})


def _done(app: Flask, client: Any, content: bytes) -> tuple[dict[str, Any], list[list[Any]]]:
    answer = _send(client, content)
    assert answer.status_code == 202, answer.text
    run_jobs(app)
    job = client.get(f"/jobs/{answer.get_json()['job_id']}").get_json()["result"]
    assert job["state"] == "done"
    told = client.get(job["sheet"].removeprefix("/api/v1"))
    return job["outcome"], CalamineWorkbook.from_filelike(io.BytesIO(told.data)).get_sheet_by_index(0).to_python()


def test_template_has_the_three_columns(api: Api) -> None:
    answer = api("employer1").get("/favorites/template")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows == [["学生姓名", "身份证号", "毕业院校"]]
    assert api("employer3").get("/favorites/template").status_code == 200
    assert api("school10001").get("/favorites/template").status_code == 403


def test_found_ones_go_in_and_misses_say_nothing_about_which_part_was_wrong(app_context: Flask, api: Api) -> None:
    name, number, _school = _person(4)
    wrong = [
        ("错名", number, SCHOOL),
        (name, GRADUATES[4].id_number, SCHOOL),
        (name, number, "南京大学"),
        (name, "12", SCHOOL),
        (name, "9" * 200, SCHOOL),
        (f"{name}的同学", number, SCHOOL),
    ]
    outcome, rows = _done(app_context, api("employer1"), sheet([_person(3), *wrong, _person(1), ("", "", "")]))
    assert outcome == {"added": 1, "already": 1, "missed": 6}
    assert len({row[4] for row in rows[2:8]}) == 1, "all misses read the same"
    assert [row[0] for row in rows[1:]] == [str(line) for line in range(2, 10)]
    assert rows[2][1:4] == ["错名", number, SCHOOL]
    kept = api("employer1").get("/favorites/").get_json()["result"]
    assert name not in {one["name"] for one in kept}


def test_missed_rows_count_against_the_limit_on_guessing(app_context: Flask, api: Api) -> None:
    rows = [("无此人", f"11010120050101{place:04d}", SCHOOL) for place in range(34)]
    outcome, told = _done(app_context, api("employer1"), sheet([*rows, _person(5)]))
    assert outcome == {"added": 0, "already": 0, "missed": 35}
    assert len({row[4] for row in told[1:31]}) == 1
    assert told[31][4] == told[35][4] != told[30][4]
    body = dict(zip(("name", "id_number", "school"), _person(5), strict=True))
    assert api("employer1b").post("/favorites/", body).status_code == 429
    assert api("employer2").post("/favorites/", body).status_code == 201


def test_cells_that_cannot_be_read_are_told_and_are_no_guesses(app_context: Flask, api: Api) -> None:
    name, number, _school = _person(4)
    lost = [(name, float(number[:17] + "0"), SCHOOL)] * 30
    odd = [(name, "", SCHOOL), (name, "#N/A", SCHOOL), (name, True, SCHOOL)]
    outcome, told = _done(app_context, api("employer2"), sheet([*lost, *odd, _person(4)]))
    assert outcome["missed"] == 33
    assert outcome["added"] + outcome["already"] == 1, "none of the rows before was a guess"
    assert {row[2] for row in told[1:34]} == {""}, "no digits that nobody typed"
    assert all(row[4].startswith("“身份证号”列：") for row in told[1:34])
    assert "数字" in told[1][4]
    assert "#N/A" in told[32][4]


def test_a_number_in_a_sheet_of_excel_is_no_id_number(app_context: Flask, api: Api) -> None:
    content = (Path(__file__).parent / "brought/14_favorites_id_as_number.xlsx").read_bytes()
    outcome, told = _done(app_context, api("employer1"), content)
    assert outcome == {"added": 0, "already": 0, "missed": 1}
    assert told[1][:4] == ["2", "李婉昕", "", "北京大学"]
    assert "可能已丢失位数" in told[1][4]


def test_hidden_rows_are_looked_for_and_told(app_context: Flask, api: Api) -> None:
    def hide(page: Any) -> None:
        page.set_row(1, None, None, {"hidden": True})
        page.set_row(3, None, None, {"hidden": True})

    content = sheet([_person(3), _person(5), ("无此人", "1", SCHOOL)], edit=hide)
    outcome, told = _done(app_context, api("employer1"), content)
    assert outcome["missed"] == 1
    assert ["隐藏" in row[4] for row in told[1:]] == [True, False, True]
    job = logged_in(app_context, "employer1").get("/employer/favorites").text
    page = logged_in(app_context, "employer1").get(re.findall(r"/employer/jobs/\d+", job)[0]).text
    assert "第 2 行" in page
    assert page.count("处于隐藏状态") == 2


def test_who_may_not_import_is_told_before_the_file_is_looked_at(api: Api) -> None:
    assert _send(api("school10001"), b"rubbish").status_code == 403
    assert _send(api("graduate1"), b"rubbish").status_code == 403
    assert _send(api("employer3"), b"rubbish").status_code == 409
    assert api("employer1").post("/favorites/import", {}).status_code == 415
    assert (
        api("employer1").post("/favorites/import", data={"x": "y"}, content_type="multipart/form-data").status_code
        == 422
    )
    assert _send(api("employer1"), b"rubbish").status_code == 415


def test_repeated_with_the_same_key_it_is_one_job(api: Api) -> None:
    key = {"Idempotency-Key": "import-1"}
    content = sheet([_person(3)])

    def send(content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "list.xlsx")}
        return api("employer2").post("/favorites/import", data=data, headers=key)

    first = send(content)
    assert send(content).get_json() == first.get_json()
    assert send(sheet([_person(6)])).status_code == 409


def _zip(members: dict[str, bytes], like: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(like)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, members.get(name, old.read(name)))
        for name in members.keys() - set(old.namelist()):
            new.writestr(name, members[name])
    return file.getvalue()


_GOOD = sheet([("甲", "1", "乙")])
_PAGE = "xl/worksheets/sheet1.xml"
_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_FOOT = b"</sheetData></worksheet>"
_FAR = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
ODD: dict[str, tuple[bytes, type[AppError]]] = {
    "empty": (b"", UnsupportedMedia),
    "text": (b"name,id,school", UnsupportedMedia),
    "old Excel": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), UnsupportedMedia),
    "other archive": (_zip({}, _GOOD).replace(b"xl/workbook.xml", b"xl/w0rkbook.xml"), UnsupportedMedia),
    "too large": (bytes(MOST_BYTES + 1), TooLarge),
    "bomb": (_zip({"xl/media/x.bin": bytes(30 * 1024 * 1024)}, _GOOD), TooLarge),
    "no headings": (sheet([("甲", "1", "乙")], ("a", "b", "c")), Invalid),
    "one heading missing": (sheet([("甲", "1")], ("学生姓名", "身份证号")), Invalid),
    "nobody": (sheet([]), Invalid),
    "too many rows": (sheet([("甲", "1", "乙")] * (MOST_ROWS + 1)), Invalid),
    "far cell": (_zip({_PAGE: _HEAD + _FAR + _FOOT}, _GOOD), Invalid),
    "cells without a place": (_zip({_PAGE: _HEAD + b"<row>" + b"<c/>" * 9000 + b"</row>" + _FOOT}, _GOOD), Invalid),
    "long text": (_zip({"xl/sharedStrings.xml": b"<sst><si><t>" + b"x" * 9000 + b"</t></si></sst>"}, _GOOD), Invalid),
    "broken sheet": (_zip({_PAGE: b"<worksheet><sheetData><row"}, _GOOD), Invalid),
    "cut off": (_GOOD[:-200], UnsupportedMedia),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_file_is_refused_in_words(app_context: Flask, name: str) -> None:
    content, kind = ODD[name]
    with pytest.raises(kind) as refusal:
        read_people(content)
    texts = refusal.value.errors["file"] if isinstance(refusal.value, Invalid) else [refusal.value.message]
    assert all(str(text) for text in texts)


def test_what_the_roster_refuses_is_refused_here_with_its_place(app_context: Flask) -> None:
    def edited(edit: Callable[[Any], None]) -> bytes:
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True})
        page = book.add_worksheet("学生名单导入模板")
        for place, heading in enumerate(HEADINGS):
            page.write_string(0, place, heading)
        edit(page)
        book.close()
        return file.getvalue()

    merged = edited(lambda page: page.merge_range("A3:A4", "甲"))
    with pytest.raises(Invalid) as refusal:
        read_people(merged)
    assert str(refusal.value.errors["file"][0]).startswith("第 3 行“A”列：表格中有合并单元格")
    formula = edited(lambda page: page.write_formula("B2", '="1"&"2"', None, "12"))
    assert read_people(formula) == [{"row": "2", "name": "", "id_number": "12", "school": ""}]


def test_a_sheet_of_notes_before_the_list_is_passed_over(app_context: Flask) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet("填写说明").write_string(0, 0, "每行一名毕业生")
    page = book.add_worksheet("学生名单导入模板")
    for line, row in enumerate((list(HEADINGS), ["甲", "1", SCHOOL], ["　", "", " "], ["乙", "2", SCHOOL])):
        for place, cell in enumerate(row):
            page.write_string(line, place, cell)
    book.close()
    assert [(one["row"], one["name"]) for one in read_people(file.getvalue())] == [("2", "甲"), ("4", "乙")]


def test_headings_may_stand_in_any_order(app_context: Flask) -> None:
    people = read_people(sheet([(SCHOOL, " 甲 ", "1")], ("毕业院校", "学生姓名", "身份证号")))
    assert people == [{"row": "2", "name": "甲", "id_number": "1", "school": SCHOOL}]


def test_in_the_browser_a_list_is_imported_and_its_result_shown(app_context: Flask) -> None:
    page = logged_in(app_context, "employer1")
    html = page.get("/employer/favorites").text
    assert "/employer/favorites/template" in html
    assert page.get("/employer/favorites/template").status_code == 200

    def send(content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "名单.xlsx"), "csrf_token": token(html)}
        return page.post("/employer/favorites/import", data=data)

    assert send(b"rubbish").status_code == 415
    answer = send(sheet([_person(6), ("无此人", "1", SCHOOL)]))
    assert answer.status_code == 302
    run_jobs(app_context)
    assert "无此人" in page.get(answer.location).text
