"""在线签约管理 (学生发起) and 补登管理: lists, review pages of both rounds, scope, tiles (R8.2, R8.3, R8.5, R8.6, R8.8)."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from flask import Flask
from pypdf import PdfReader, PdfWriter
from werkzeug.datastructures import FileStorage

from app.base.database import session
from app.cases.attachments import attach_file
from app.documents.services import document_file
from tests.documents.pdf import picture
from tests.documents.samples import render_agreement, snapshot
from tests.notices.browser import logged_in, token
from tests.signing.paper.stage import REJECT, PaperStage

pytestmark = pytest.mark.usefixtures("fresh_database")
FOREIGN = "202710002300000990"
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


def test_copies_are_read_by_a_worker_and_shown_to_who_reviews(app_context: Flask, drain: Any) -> None:
    """Two pages of the agreement the wrong way round, and a page of another paper (B14)."""
    stage = PaperStage()
    case = stage.bring("offline_signing", "agreement_approved")
    drain()
    printed = document_file(case, "offline_agreement")
    assert printed is not None
    whole, some = PdfReader(printed[0]), PdfWriter()
    for page in (1, 0):
        some.add_page(whole.pages[page])
    copy, other = io.BytesIO(), io.BytesIO()
    some.write(copy)
    foreign = snapshot(number=FOREIGN, verify_url=f"https://qianyue.example.edu.cn/verify?number={FOREIGN}")
    picture(render_agreement(foreign, "stamped"), dots_per_inch=110).save(other, "JPEG")
    for content, name in ((copy, "copy.pdf"), (other, "other.jpg")):
        file = FileStorage(io.BytesIO(content.getvalue()), filename=name)
        attach_file("offline_signing", case.id, "stamped_agreement", file, actor=stage.graduate)
    address = f"/scans/offline_signing/{case.id}/stamped_agreement/offline_agreement"
    page = logged_in(app_context, "school10001")
    assert "2 个文件正在识读" in page.get(address).text
    stage.fire(case, "upload", "graduate")
    drain()
    shown = page.get(address).text
    pages = len(whole.pages)
    for words in (
        "未在图像中找到：第" + "、".join(map(str, range(3, pages + 1))) + "页",
        "各页顺序不对：2、1",
        "第2页：印刷内容齐全，清晰",
        "第1页：印刷内容齐全，清晰",
        f"这是另一份文书的页：{FOREIGN}",
    ):
        assert words in shown, words
    found = re.search(r"/scans/\d+\.jpg", shown)
    assert found is not None
    assert page.get(found[0]).data.startswith(b"\xff\xd8")
    assert logged_in(app_context, "school10002").get(found[0]).status_code == 404
    assert address in page.get(f"{LISTS['offline_signing']}/show/{case.id}").text
