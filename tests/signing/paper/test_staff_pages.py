"""在线签约管理 (学生发起) and 补登管理: lists, review pages of both rounds, scope, tiles (R8.2, R8.3, R8.5, R8.6, R8.8)."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from flask import Flask

from app.base.database import session
from tests.notices.browser import logged_in, token
from tests.signing.paper.stage import REJECT, PaperStage

pytestmark = pytest.mark.usefixtures("fresh_database")
LISTS = {"offline_signing": "/staff/online-signings/by-students", "supplementary": "/staff/supplementaries"}


def decide(page: Any, address: str, event: str, **sent: str) -> Any:
    """Send a verdict as the review page does; names of fields carry the event."""
    data = {f"{event}.{name}": value for name, value in sent.items()}
    return page.post(
        f"{address}/{event}", data={"csrf_token": token(page.get("/staff/", follow_redirects=True).text), **data}
    )


@pytest.mark.parametrize("workflow", LISTS)
def test_lists_show_what_the_guide_shows(app_context: Flask, workflow: str) -> None:
    stage = PaperStage()
    case = stage.bring(workflow, "signed")
    page = logged_in(app_context, "school10001")
    shown = page.get(f"{LISTS[workflow]}/list/").text
    for words in (
        case.graduate.name,
        case.employer.name,
        "下载当前查询数据",
        "导出退回修改学生名单",
        case.number or "签约日期",
    ):
        assert words in shown, words
    assert case.graduate.id_number not in shown
    assert case.employer.name in page.get(f"{LISTS[workflow]}/list/?_flt_0_unit_name=木器").text
    assert case.employer.name not in page.get(f"{LISTS[workflow]}/list/?_flt_0_state=draft").text.partition("<tbody")[2]
    sheet = openpyxl.load_workbook(io.BytesIO(page.get(f"{LISTS[workflow]}/export").data)).active
    rows = [[str(cell) for cell in row] for row in sheet.values]
    assert {"统一社会信用代码", "职位类别"} <= set(rows[0])
    assert case.unit_uscc in rows[1]


def test_both_initiators_are_tabs_with_what_waits(app_context: Flask) -> None:
    PaperStage().offline("agreement_school_review")
    page = logged_in(app_context, "school10001")
    for address in ("/staff/online-signings/list/", f"{LISTS['offline_signing']}/list/"):
        tabs = re.search(r'<nav class="tabs".*?</nav>', page.get(address).text, re.S)
        assert tabs is not None
        assert "单位发起" in tabs[0]
        assert re.search(r"学生发起\s*<span class=\"badge badge--mine\">1", tabs[0])
    home = page.get("/staff/").text
    assert re.search(r'_flt_0_state=agreement_school_review"[^>]*>\s*<span class="tile__figure">1', home)
    assert "签约审核中，等待学校审核" in home
    assert home.count("在线签约管理") >= 2


def test_the_agreement_is_returned_and_approved(app_context: Flask) -> None:
    stage = PaperStage()
    case = stage.offline("agreement_dept_review")
    page = logged_in(app_context, "dept10001a")
    show, verdict = (f"{LISTS['offline_signing']}/{word}/{case.id}" for word in ("show", "decide"))
    shown = page.get(show).text
    for words in (
        "清河木器厂",
        "设计员",
        "¥6,500",
        "本平台",
        "return.fields.employer.address",
        "甲方提供宿舍",
    ):
        assert words in shown, words
    assert "return.fields.signed_on" not in shown
    assert "archive.receiver" not in shown
    refused = decide(page, verdict, "return")
    assert refused.status_code == 422
    decide(page, verdict, "return", reason="地址不完整", **{"fields.employer.address": "写到门牌号"})
    session.refresh(case)
    assert case.state == "agreement_returned"
    assert case.opinions == {"reason": "地址不完整", "fields": {"employer.address": "写到门牌号"}}
    stage.fire(case, "submit", "graduate")
    decide(page, verdict, "approve", note="可以")
    school = logged_in(app_context, "school10001")
    decide(school, verdict, "approve")
    session.refresh(case)
    assert case.state == "agreement_approved"
    assert case.number in school.get(show).text


def test_the_copy_is_reviewed_with_its_pictures(app_context: Flask) -> None:
    case = PaperStage().offline("dept_review")
    page = logged_in(app_context, "dept10001a")
    show, verdict = (f"{LISTS['offline_signing']}/{word}/{case.id}" for word in ("show", "decide"))
    shown = page.get(show).text
    assert re.search(r'<img class="paper" src="/files/\d+"', shown)
    assert "return.fields.stamped_agreement" in shown
    assert "return.fields.employer.name" not in shown
    assert "鉴证通过" in shown, "the second round is witnessed in a province with two parties"
    decide(page, verdict, "return", reason="第二页看不清")
    session.refresh(case)
    assert case.state == "returned"


def test_after_approval_the_school_changes_three_values_and_may_void(app_context: Flask) -> None:
    case = PaperStage().supplementary("signed")
    show, verdict = (f"{LISTS['supplementary']}/{word}/{case.id}" for word in ("show", "decide"))
    department = logged_in(app_context, "dept10001a")
    assert 'id="edit_category"' not in department.get(show).text
    assert decide(department, verdict, "edit_category", category="11").status_code == 403
    school = logged_in(app_context, "school10001")
    dialog = school.get(show).text.partition('id="edit_category"')[2].partition("</dialog>")[0]
    assert re.search(r'<option value="39" selected', dialog)
    decide(school, verdict, "edit_category", category="13", nature="39", industry="21")
    session.refresh(case)
    assert case.data["employer"]["industry"] == "21"
    decide(school, verdict, "void", reason="单位已注销")
    session.refresh(case)
    assert case.state == "voided"
    other = PaperStage().supplementary("dept_review")
    review = department.get(f"{LISTS['supplementary']}/show/{other.id}").text
    assert "历史作废" in review
    assert show in review


@pytest.mark.parametrize("workflow", LISTS)
def test_other_schools_departments_and_people_see_nothing(app_context: Flask, workflow: str) -> None:
    case = PaperStage().bring(workflow, "school_review")
    show, verdict = (f"{LISTS[workflow]}/{word}/{case.id}" for word in ("show", "decide"))
    for foreign in ("school10002", "dept10001b", "province32"):
        page = logged_in(app_context, foreign)
        assert page.get(show).status_code == 404, foreign
        assert decide(page, verdict, "reject", **REJECT).status_code == 404
        assert case.graduate.name not in page.get(f"{LISTS[workflow]}/list/").text
    for stranger in ("employer1", "graduate2"):
        page = logged_in(app_context, stranger)
        assert page.get(show).status_code == 403
        assert page.get(f"{LISTS[workflow]}/list/").status_code == 403
    assert logged_in(app_context, "province11").get(show).status_code == 200
    reader = logged_in(app_context, "province11")
    assert decide(reader, verdict, "approve").status_code == 403
