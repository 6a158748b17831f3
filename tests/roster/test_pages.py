"""The screens of the roster: lists within scope and few statements, details, import in the browser's forms (R4.2)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.fixtures.standin import Standin
from tests.fixtures.statements import counted
from tests.roster.sheets import sheet, student

LIST, REMOVED, IMPORTS = "/staff/graduates/list/", "/staff/removed-graduates/list/", "/staff/roster-imports/"
Browse = Callable[[str], FlaskClient]


@pytest.fixture
def browse(app: Flask) -> Browse:
    """A function that logs a staff account in."""

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
        assert client.post("/login/school", data=form).status_code == 302
        return client

    return log_in


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """What the program sends to the database."""
    with counted(app) as seen:
        yield seen


def post(client: FlaskClient, path: str, **data: Any) -> Any:
    form = {"csrf_token": token(client.get(IMPORTS).text), **data}
    return client.post(path, data=form)


def upload(client: FlaskClient, content: bytes) -> Any:
    return post(client, IMPORTS, file=(io.BytesIO(content), "2027届名单.xlsx"))


def test_list_shows_the_school_only(browse: Browse) -> None:
    page = browse("school10284").get(LIST).text
    assert "南京大学" in page
    assert "北京大学" not in page
    assert "学生名单管理" in page


def test_department_sees_its_students_and_no_import(browse: Browse) -> None:
    page = browse("dept10001a").get(LIST).text
    assert "信息科学技术学院" in page
    assert "外国语学院" not in page
    assert "导入学生名单" not in page


@pytest.mark.parametrize("address", [LIST, REMOVED])
def test_list_costs_few_statements(browse: Browse, statements: list[str], address: str) -> None:
    client = browse("school10284")
    client.get(address)
    statements.clear()
    assert client.get(address).status_code == 200
    own = [one for one in statements if re.search(r"\bgraduates\b|\bdepartments\b|roster_", one)]
    assert len(own) <= 6, own


@pytest.mark.parametrize(
    "search",
    [
        "_flt_0_name=x",
        "_flt_0_exam_number=1",
        "_flt_0_department_name=学",
        "_flt_0_major=学",
        "_flt_0_level=undergraduate",
    ],
)
def test_filters_are_offered(browse: Browse, search: str) -> None:
    assert browse("school10284").get(f"{LIST}?{search}").status_code == 200


def test_export_holds_what_the_list_shows(browse: Browse) -> None:
    answer = browse("school10284").get("/staff/graduates/export")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "考生号"
    assert {row[5] for row in rows[1:]} == {"南京大学"}
    assert all("*" in row[4] for row in rows[1:])


def first_id(client: FlaskClient) -> str:
    found = re.search(r"/staff/graduates/show/(\d+)", client.get(LIST).text)
    assert found
    return found[1]


def test_details_are_read_only_and_lead_to_the_employment_system(browse: Browse) -> None:
    client = browse("school10284")
    page = client.get(f"/staff/graduates/show/{first_id(client)}").text
    assert "到就业系统更正" in page
    assert "/students/10284/" in page
    assert "****" in page
    assert not re.search(r'name="(sex|major|id_number)"', page)


def test_foreign_graduate_is_not_found(browse: Browse) -> None:
    own = browse("school10284")
    number = first_id(own)
    stranger = browse("school10001")
    assert stranger.get(f"/staff/graduates/show/{number}").status_code == 404
    for verb in ("remove", "restore"):
        assert post(stranger, f"/staff/graduates/{verb}/{number}").status_code == 404


def test_remove_and_restore_in_the_browser(browse: Browse) -> None:
    client = browse("school10284")
    number = first_id(client)
    assert "从名单中移除" in client.get(f"/staff/graduates/show/{number}").text
    assert post(client, f"/staff/graduates/remove/{number}").status_code == 302
    assert f"/staff/removed-graduates/restore/{number}" in client.get(REMOVED).text
    assert f"/staff/graduates/show/{number}" not in client.get(LIST).text
    assert "失效" in client.get(f"/staff/removed-graduates/show/{number}").text
    assert post(client, f"/staff/removed-graduates/restore/{number}").status_code == 302
    assert f"/staff/graduates/show/{number}" in client.get(LIST).text


def test_import_in_the_browser(browse: Browse, drain: Callable[..., int], ems: Standin) -> None:
    client, row = browse("school10284"), student(姓名="独孤求知", 院系="天文与空间科学学院")
    answer = upload(client, sheet(row))
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert "hx-trigger" in client.get(address).text
    drain(failures=True)
    page = client.get(f"{address}/progress").text
    assert "hx-trigger" not in page
    assert "独孤求知" in page
    assert "天文与空间科学学院" in page
    assert row["身份证号"] not in page
    post(client, f"{address}/commit", confirm_number="7")
    assert "等待确认" in client.get(address).text, "the number of students must be typed"
    post(client, f"{address}/commit", confirm_number="1")
    assert "已导入" in client.get(address).text
    assert "独孤求知" in client.get(f"{LIST}?_flt_0_name=独孤").text
    post(client, f"{address}/undo", confirm_number="1")
    assert "已撤销" in client.get(address).text
    assert "2027届名单.xlsx" in client.get(IMPORTS).text


def test_wrong_rows_are_shown_and_can_be_downloaded(browse: Browse, drain: Callable[..., int], ems: Standin) -> None:
    client = browse("school10284")
    address = upload(client, sheet(student(), student(民族="1"))).headers["Location"]
    drain(failures=True)
    assert "民族" in client.get(address).text
    rows = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{address}/errors.xlsx").data))
    assert rows.get_sheet_by_index(0).to_python()[1][:2] == ["3", "民族"]
    for tab in ("new", "changed", "wrong", "odd", "nonsense"):
        assert client.get(f"{address}?tab={tab}&page=99").status_code == 200


def test_file_that_is_no_sheet_is_told_on_the_page(browse: Browse) -> None:
    answer = upload(browse("school10284"), b"nothing")
    assert answer.status_code == 415
    assert "xlsx" in answer.text
    assert "最近的导入" in answer.text


def test_template_is_downloaded(browse: Browse) -> None:
    answer = browse("school10284").get(f"{IMPORTS}template.xlsx")
    assert answer.data[:2] == b"PK"


@pytest.mark.parametrize("username", ["operator", "province32", "dept10001a"])
def test_import_pages_belong_to_schools(browse: Browse, username: str) -> None:
    client = browse(username)
    assert client.get(IMPORTS).status_code == 403
    assert client.get(f"{IMPORTS}1").status_code == 403


def test_import_of_another_school_is_not_found(browse: Browse) -> None:
    address = upload(browse("school10284"), sheet(student())).headers["Location"]
    stranger = browse("school10001")
    for path in (address, f"{address}/progress", f"{address}/errors.xlsx"):
        assert stranger.get(path).status_code == 404
    for path in (f"{address}/commit", f"{address}/undo"):
        assert post(stranger, path, confirm_number="1").status_code == 404
