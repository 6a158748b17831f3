"""The staff's views of the destinations: scope, filters, downloads, the correction, and who waits after a void."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.base.database import session
from app.cases.queries import graduates_without_successor, voided_numbers, voided_records
from app.destination.models import Destination
from tests.destination.stage import Stage, fire
from tests.fixtures.pages import token
from tests.notices.browser import logged_in
from tests.signing.stage import Stage as Signings
from tests.signing.stage import user

LIST = "/staff/destinations/list/"
VOIDED = "/staff/voided-records/list/"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def kept(app: Flask) -> Callable[..., int]:
    """A function: a case of graduate1 in a state; returns its id."""

    def bring(state: str, code: str = "801", graduate: str = "graduate1", **people: str) -> int:
        with app.app_context():
            number = int(Stage(graduate, **people).bring(state, code).id)
            session.remove()
            return number

    return bring


def _rows(client: FlaskClient, path: str) -> list[list[Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def _state(app: Flask, number: int) -> Destination:
    with app.app_context():
        return session.get_one(Destination, number)


def test_list_is_scoped_searched_and_downloaded(app: Flask, kept: Callable[..., int]) -> None:
    """By state, type, department, level, name, ID number and cohort; downloads hold what is shown (R8.13)."""
    kept("dept_review")
    kept("draft", "46")
    kept("returned", "11", "graduate4", department="dept10001b")
    school = logged_in(app, "school10001")
    page = school.get(LIST).text
    assert page.count("/staff/destinations/show/") >= 2
    assert "应征义务兵" not in page.split("<tbody")[1], "a draft is the graduate's own business"
    for words in ("研究生", "签劳动合同形式就业", "下载当前查询数据", "导出退回修改学生名单"):
        assert words in page
    assert "研究生" not in school.get(f"{LIST}?_flt_0_type=11").text.split("<tbody")[1]
    assert "暂无" not in school.get(f"{LIST}?_flt_0_department=院").text
    assert "没有符合条件" in school.get(f"{LIST}?_flt_0_department=没有这个院系").text
    assert "没有符合条件" in school.get(f"{LIST}?_flt_0_level=postgraduate&_flt_0_state=approved").text
    sheet = _rows(school, "/staff/destinations/export?_flt_0_state=returned")
    assert len(sheet) == 2
    assert "签劳动合同形式就业" in sheet[1]
    assert "升学单位名称" in sheet[0], "every field of every type is a column"
    assert "签劳动合同" not in logged_in(app, "dept10001a").get(LIST).text.split("<tbody")[1]
    assert "没有符合条件" in logged_in(app, "school10002").get(LIST).text


def test_review_page_shows_record_papers_and_what_was_voided(app: Flask, kept: Callable[..., int]) -> None:
    kept("voided", "11")
    number = kept("dept_review", "801")
    page = logged_in(app, "dept10001a").get(f"/staff/destinations/show/{number}").text
    for words in ("示例大学", "录取通知书或拟录取证明", "曾作废的信息", "签劳动合同形式就业", "修改去向", "审核通过"):
        assert words in page, words
    assert f"/staff/destinations/amend/{number}" in page
    assert 'name="return.fields.data.school_name"' in page
    province = logged_in(app, "province11").get(f"/staff/destinations/show/{number}")
    assert province.status_code == 200
    assert "/amend/" not in province.text
    assert 'id="approve-form"' not in province.text


def test_correction_changes_the_record_and_tells_before_and_after(app: Flask, kept: Callable[..., int]) -> None:
    """修改去向, also to another type; the graduate sees both (R8.6)."""
    number = kept("dept_review")
    path = f"/staff/destinations/amend/{number}"
    staff = logged_in(app, "dept10001a")
    page = staff.get(path).text
    csrf = token(page)
    assert 'value="示例大学"' in page
    assert 'name="data.degree"' in page
    other = staff.get(f"{path}?type=85").text
    assert 'name="data.country"' in other
    assert 'value="示例大学"' in other, "what fits is taken along"
    sent = {"data.school_name": "示例师范大学", "data.degree": "硕士", "data.major": "数学", "data.study_form": "1"}
    refused = staff.post(path, data={"csrf_token": csrf, "type": "801", **sent, "data.major": ""})
    assert refused.status_code == 422
    assert 'value="示例师范大学"' in refused.text
    done = staff.post(path, data={"csrf_token": csrf, "type": "801", **sent, "reason": "与通知书一致"})
    assert done.headers["Location"].endswith(f"/show/{number}"), done.text
    case = _state(app, number)
    assert (case.state, case.record["school_name"]) == ("dept_review", "示例师范大学")
    shown = logged_in(app, "graduate1").get(f"/graduate/destinations/{number}").text
    for words in ("示例大学", "示例师范大学", "与通知书一致"):
        assert words in shown
    same = staff.post(path, data={"csrf_token": csrf, "type": "801", **sent})
    assert same.status_code == 302
    assert "没有" in staff.get(f"/staff/destinations/show/{number}").text


@pytest.mark.parametrize("state", ["returned", "approved", "voided"])
def test_nothing_is_corrected_outside_the_review(app: Flask, kept: Callable[..., int], state: str) -> None:
    number = kept(state)
    staff = logged_in(app, "dept10001a")
    csrf = token(staff.get(LIST).text)
    path = f"/staff/destinations/amend/{number}"
    assert staff.get(path).status_code == 302
    assert staff.post(path, data={"csrf_token": csrf, "type": "801"}).status_code == 302
    assert _state(app, number).state == state


def test_correction_is_closed_to_others(app: Flask, kept: Callable[..., int]) -> None:
    """Out of scope 404; those who only read 403; the school waits for the department; no action on many."""
    number = kept("dept_review")
    path = f"/staff/destinations/amend/{number}"
    expected = {"dept10001b": 404, "school10002": 404, "province11": 403, "graduate1": 403, "employer1": 403}
    for name, status in {**expected, "school10001": 302}.items():
        assert logged_in(app, name).get(path).status_code == status, name
    staff = logged_in(app, "dept10001a")
    data = {"csrf_token": token(staff.get(LIST).text), "action": "amend", "rowid": [number]}
    assert staff.post("/staff/destinations/action_post", data=data).status_code == 404


def test_start_page_counts_and_leads_to_the_list(app: Flask, kept: Callable[..., int]) -> None:
    kept("dept_review")
    staff = logged_in(app, "dept10001a")
    staff.get(LIST)  # chooses the module
    page = staff.get("/staff/").text
    assert f"{LIST}?_flt_0_state=dept_review" in page


def test_who_waits_after_a_void(app: Flask, kept: Callable[..., int]) -> None:
    """Listed from the void until something new is submitted, with every voided record (R8.12)."""
    number = kept("approved", "11")
    school = logged_in(app, "school10001")
    assert "没有作废后" in school.get(VOIDED).text
    with app.app_context():
        fire(session.get_one(Destination, number), "void", user("graduate1"), reason="换去向")
        graduate_id = user("graduate1").graduate_id or 0
        session.remove()
    page = school.get(VOIDED).text
    assert f"/staff/voided-records/show/{graduate_id}" in page
    details = school.get(f"/staff/voided-records/show/{graduate_id}").text
    for words in ("签劳动合同形式就业", "换去向", f"/staff/destinations/show/{number}"):
        assert words in details
    assert len(_rows(school, "/staff/voided-records/export")) == 2
    assert "/show/" in logged_in(app, "province11").get(VOIDED).text.split("<tbody")[1]
    for name, status in {"dept10001b": 404, "school10002": 404, "graduate1": 403}.items():
        client = logged_in(app, name)
        assert client.get(f"/staff/voided-records/show/{graduate_id}").status_code == status, name
    with app.app_context():
        Stage().bring("draft", "801")
        session.remove()
    assert f"show/{graduate_id}" in school.get(VOIDED).text, "a draft is not handed in"
    kept("dept_review", "801")
    assert f"show/{graduate_id}" not in school.get(VOIDED).text
    assert school.get(f"/staff/voided-records/show/{graduate_id}").status_code == 404


def test_voided_signing_is_listed_with_its_number(app: Flask) -> None:
    """签约证明码: the number of the agreement that was voided."""
    with app.app_context():
        case = Signings("employer1", "graduate1", "dept10001a", "school10001").bring("voided")
        number, graduate_id = case.number, case.graduate_id
        school = user("school10001")
        assert graduate_id in session.scalars(graduates_without_successor(school)).all()
        assert voided_numbers([graduate_id], actor=school) == {graduate_id: [number]}
        assert voided_numbers(None, actor=user("school10002")) == {}
        (record,) = voided_records(graduate_id, actor=school)
        assert record.reason
        assert voided_records(graduate_id, actor=school, but=case) == []
        session.remove()
    page = logged_in(app, "school10001").get(VOIDED).text
    assert number in page
    assert number in _rows(logged_in(app, "school10001"), "/staff/voided-records/export")[1]
