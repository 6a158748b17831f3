"""Pages of archive and hukou: scope on every address, filters, downloads, corrections (R1.7, R2.4, R8.13)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.access.accounts import account_named
from app.base.database import session, transaction
from app.household.types import KINDS
from tests.fixtures.pages import token
from tests.household.stage import REJECT, Stage, body, kept_of

DOORS = {"graduate": "graduate", "employer": "employer"}
LISTS = {"archive": "archives", "hukou": "hukous"}


@pytest.fixture(scope="module")
def ids(application: Flask, database: str) -> dict[str, int]:
    """graduate1 in review at the department, graduate2 returned, graduate4 of the other department approved."""
    with application.app_context():
        found = {}
        for kind in KINDS:
            found[kind] = Stage(kind, "graduate1").bring("dept_review").id
            found[f"{kind}.returned"] = Stage(kind, "graduate2").bring("returned").id
            other = Stage(kind, "graduate4", "dept10001b")
            found[f"{kind}.approved"] = other.approve(other.create("4")).id
        session.remove()
    return found


@pytest.fixture
def browse(app: Flask) -> Callable[[str], FlaskClient]:
    """A function that logs an account in by its own door."""

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        door = next((door for start, door in DOORS.items() if username.startswith(start)), "school")
        sent = {
            "username": username,
            "password": "Qianyue@2027",
            "csrf_token": token(client.get(f"/login/{door}").get_data(as_text=True)),
        }
        assert client.post(f"/login/{door}", data=sent).status_code == 302
        return client

    return log_in


def _post(client: FlaskClient, page: str, path: str, **data: Any) -> Any:
    """Post a form with the token of a page."""
    return client.post(path, data={**data, "csrf_token": token(client.get(page).get_data(as_text=True))})


def test_staff_addresses_keep_to_the_scope(
    browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str
) -> None:
    """The record of another school or department is not there, at every address of the view."""
    place, number = f"/staff/{LISTS[kind]}", ids[kind]
    for who in ("school10002", "province32", "dept10001b"):
        client = browse(who)
        assert client.get(f"{place}/show/{number}").status_code == 404, who
        listed = client.get(f"{place}/list/").get_data(as_text=True)
        assert f"/show/{number}" not in listed, who
        home = f"{place}/list/"
        for event in ("approve", "return", "reject"):
            assert _post(client, home, f"{place}/decide/{number}/{event}", **REJECT).status_code in (403, 404), who
        assert _post(client, home, f"{place}/amend/{number}", **body(kind), reason="x").status_code in (403, 404), who
    for who in ("dept10001b", "school10002"):
        assert browse(who).get(f"{place}/amend/{number}").status_code == 404
    for who in ("operator", "province11", "school10001", "dept10001a"):
        assert browse(who).get(f"{place}/show/{number}").status_code == 200, who
    for who in ("employer1", "graduate1"):
        assert browse(who).get(f"{place}/show/{number}").status_code == 403, who


def test_graduates_see_their_own_alone(browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str) -> None:
    """Another graduate's record, form and steps are not there."""
    stranger, owner = browse("graduate3"), browse("graduate1")
    page = f"/graduate/{kind}/{ids[kind]}"
    for path in (page, f"{page}/edit"):
        assert stranger.get(path).status_code == 404
    home = "/graduate/household/"
    token_page = f"/graduate/{kind}/new?type=3"
    assert _post(stranger, token_page, f"{page}/withdraw").status_code == 404
    assert _post(stranger, token_page, f"{page}/edit", **body(kind)).status_code == 404
    assert owner.get(page).status_code == 200
    assert owner.get(home).status_code == 200
    assert browse("school10001").get(home).status_code == 403
    assert owner.get(f"/graduate/{kind}/0").status_code == 404
    assert owner.get(f"/graduate/{kind}/x/edit").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", 3),
        ("_flt_0_exam_number=23370100000001", 1),
        ("_flt_0_graduate_name=李婉昕", 1),
        ("_flt_0_school=北京", 3),
        ("_flt_0_school=南京", 0),
        ("_flt_0_department=信息", 2),
        ("_flt_0_major=软件", 1),
        ("_flt_0_origin=山东", None),
        ("_flt_0_origin=000000", 0),
        ("_flt_0_transfer_type=4", 1),
        ("_flt_0_transfer_type=3", 2),
        ("_flt_0_address=文三路", 3),
        ("_flt_0_address=%25", 0),
        ("_flt_0_state=returned", 1),
        ("_flt_0_cohort=2027", 3),
        ("_flt_0_cohort=2026", 0),
    ],
)
def test_every_column_filters(
    browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str, query: str, names: int | None
) -> None:
    """Lists and downloads alike, by every column (R2.4)."""
    school = browse("school10001")
    page = school.get(f"/staff/{LISTS[kind]}/list/?{query}")
    assert page.status_code == 200
    answer = school.get(f"/staff/{LISTS[kind]}/export?{query}")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert names is None or len(rows) - 1 == names


def test_returned_students_are_exported(browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str) -> None:
    """导出退回修改学生名单: the button leads to those who were returned (R8.13)."""
    page = browse("school10001").get(f"/staff/{LISTS[kind]}/list/").get_data(as_text=True)
    assert "导出退回修改学生名单" in page
    assert f"/staff/{LISTS[kind]}/export?_flt_0_state=returned" in page


def test_the_reviewer_corrects_on_a_page(browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str) -> None:
    """Wrong fields stay on the form; a correction shows before and after to both sides."""
    department = browse("dept10001a")
    place, number = f"/staff/{LISTS[kind]}", ids[kind]
    form = f"{place}/amend/{number}"
    assert department.get(form).status_code == 200
    wrong = _post(department, form, form, **{**body(kind, "9"), "address": ""}, reason="更正")
    assert wrong.status_code == 422
    assert "请填写此项" in wrong.get_data(as_text=True)
    done = _post(department, form, form, **{**body(kind, "9"), "address": "更正后的地址"}, reason="与调档函一致")
    assert done.status_code == 302
    for client, page in ((department, f"{place}/show/{number}"), (browse("graduate1"), f"/graduate/{kind}/{number}")):
        text = client.get(page).get_data(as_text=True)
        assert "更正后的地址" in text
        assert kept_of(kind, "文三路 9 号 201 室")[0] in text
        assert "与调档函一致" in text


def test_corrections_are_made_one_by_one(browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str) -> None:
    """The list offers approve, return and reject for many, and no correction."""
    school = browse("dept10001a")
    home = f"/staff/{LISTS[kind]}/list/"
    for event, status in (("approve", 200), ("amend", 404)):
        sent = {"action": event, "rowid": ids[kind]}
        assert _post(school, home, f"/staff/{LISTS[kind]}/action_post", **sent).status_code == status


def test_operators_fetch_changes_by_hand(
    browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str, ems: Any
) -> None:
    """The button is the operators' alone."""
    place = f"/staff/{LISTS[kind]}"
    operator = browse("operator")
    assert _post(operator, f"{place}/list/", f"{place}/pull").status_code == 302
    assert _post(browse("school10001"), f"{place}/list/", f"{place}/pull").status_code == 403


def test_a_read_only_account_reads(
    app: Flask, browse: Callable[[str], FlaskClient], ids: dict[str, int], kind: str
) -> None:
    """只读 sees list, record and download; no form, no verdict; 无权限 sees nothing (R1.4)."""
    other = "hukou" if kind == "archive" else "archive"
    with app.app_context(), transaction():
        account = account_named("school10001")
        assert account is not None
        before = dict(account.modules)
        account.modules = {"employment": "rw", kind: "ro", other: "none"}
    try:
        school = browse("school10001")
        place, number = f"/staff/{LISTS[kind]}", ids[f"{kind}.approved"]
        assert school.get(f"{place}/list/").status_code == 200
        assert school.get(f"{place}/show/{number}").status_code == 200
        assert school.get(f"{place}/export").status_code == 200
        assert school.get(f"{place}/amend/{number}").status_code == 403
        assert school.get(f"/staff/statistics/{kind}/").status_code == 200
        for path in (f"/staff/{LISTS[other]}/list/", f"/staff/statistics/{other}/", f"/staff/{LISTS[other]}/export"):
            assert school.get(path).status_code == 403, path
    finally:
        with app.app_context(), transaction():
            account = account_named("school10001")
            assert account is not None
            account.modules = before
