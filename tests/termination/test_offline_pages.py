"""Offline terminations on the pages: the graduate's form, the school's review, nothing for strangers (R7.7, R7.10, R8.7)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.access.actors import GRADUATE, SCHOOL
from app.base.database import session
from app.termination.offline.models import LETTER, STATEMENT, OfflineTermination
from app.web import links
from tests.documents.pictures import picture
from tests.notices.browser import logged_in, token
from tests.termination.offline_stage import REJECT, RETURN, WHY, Desk, allow, fire

PLACE = "/graduate/offline-terminations"
STAFF_PLACE = "/staff/offline-terminations"
Staged = Callable[..., int]


@pytest.fixture
def staged(fresh_database: str, app: Flask) -> Staged:
    """A function: staged("draft", *papers) is an application of graduate7 (10002); "signed" the signing's id."""

    def set_up(state: str, *papers: str) -> int:
        with app.app_context():
            desk = Desk("graduate7", "school10002")
            signing = desk.registered()
            number = signing.id
            if state != "signed":
                case = desk.draft(signing, *papers) if state == "draft" else desk.submitted(signing, *papers)
                if state == "returned":
                    fire(case, "return", desk.school, **RETURN)
                if state == "rejected":
                    fire(case, "reject", desk.school, **REJECT)
                number = case.id
            session.remove()
        return int(number)

    return set_up


def _state(app: Flask, number: int) -> str:
    with app.app_context():
        return session.get_one(OfflineTermination, number).state


def _post(client: FlaskClient, page: str, path: str, **form: object) -> object:
    sent = {**form, "csrf_token": token(client.get(page).text)}
    return client.post(path, data=sent, content_type="multipart/form-data")


def test_the_button_begins_a_draft_and_finds_it_again(app: Flask, staged: Staged) -> None:
    """申请解约 on the signing's page; what is unfinished is gone on with."""
    signing, client = staged("signed"), logged_in(app, "graduate7")
    first = _post(client, "/graduate/me", f"{PLACE}/start/supplementary/{signing}")
    assert first.status_code == 302  # type: ignore[attr-defined]
    address = first.headers["Location"]  # type: ignore[attr-defined]
    again = _post(client, "/graduate/me", f"{PLACE}/start/supplementary/{signing}")
    assert again.headers["Location"] == address  # type: ignore[attr-defined]
    page = client.get(address).text
    for words in ("您还可提交 2 次", "草稿不计", "解约函模板", "情况说明模板", "华北精密机械制造有限公司"):
        assert words in page


def test_a_draft_keeps_words_and_pictures_without_scripts(app: Flask, staged: Staged) -> None:
    """One form: reason, words and file arrive together; then it can be handed in."""
    number, client = staged("draft"), logged_in(app, "graduate7")
    page = f"{PLACE}/{number}"
    form = {"reason_code": "11", "reason": "考取研究生", "photo.termination_letter": (io.BytesIO(picture()), "a.jpg")}
    assert _post(client, page, page, **form, save="1").status_code == 302  # type: ignore[attr-defined]
    shown = client.get(page).text
    assert "草稿已保存" in shown
    assert "考取研究生" in shown
    assert _state(app, number) == "draft"
    assert _post(client, page, page, reason_code="11", reason="考取研究生", submit="1").status_code == 302  # type: ignore[attr-defined]
    assert _state(app, number) == "school_review"
    shown = client.get(page).text
    assert "等待中国人民大学审核" in shown
    assert "撤回解约申请" in shown


def test_an_incomplete_submission_stays_and_says_what_is_missing(app: Flask, staged: Staged) -> None:
    """422 on the same page; what was typed has been saved."""
    number, client = staged("draft"), logged_in(app, "graduate7")
    page = f"{PLACE}/{number}"
    answer = _post(client, page, page, reason_code="", reason="想换单位", submit="1")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    for words in ("草稿已保存，但尚未提交", "请选择解约原因", "请上传解约函", "想换单位"):
        assert words in answer.text  # type: ignore[attr-defined]
    assert "想换单位" in client.get(page).text


def test_a_returned_one_opens_at_the_field_with_the_opinion(app: Flask, staged: Staged) -> None:
    """The reviewer's words stand at the paper, and the page leads there."""
    number = staged("returned", LETTER)
    page = logged_in(app, "graduate7").get(f"{PLACE}/{number}").text
    assert RETURN["reason"] in page
    assert re.search(r"data-errors tabindex=\"-1\">\s*<fieldset[^>]*id=\"f-termination_letter\"", page)
    assert "看不清公章" in page
    assert "本次申请已计数" in page


def test_withdrawn_and_rejected_ones_can_be_gone_on_with(app: Flask, staged: Staged) -> None:
    """撤回 gives the form back; after a rejection a new application can be begun."""
    number, client = staged("submitted"), logged_in(app, "graduate7")
    page = f"{PLACE}/{number}"
    assert _post(client, page, f"{page}/withdraw", version="2").status_code == 302  # type: ignore[attr-defined]
    assert _state(app, number) == "draft"
    rejected = staged_again(app, number)
    assert "重新申请解约" in client.get(f"{PLACE}/{rejected}").text


def staged_again(app: Flask, number: int) -> int:
    """The same application, handed in again and rejected."""
    with app.app_context():
        desk, case = Desk("graduate7", "school10002"), session.get_one(OfflineTermination, number)
        fire(case, "submit", desk.graduate)
        fire(case, "reject", desk.school, **REJECT)
        session.remove()
    return number


def test_without_an_application_left_the_page_says_so(app: Flask, staged: Staged) -> None:
    """No submit button, the number allowed, and the refusal of a press all the same."""
    number = staged("draft", LETTER)
    with app.app_context():
        allow(Desk("graduate7", "school10002").graduate, 0)
        session.remove()
    client, page = logged_in(app, "graduate7"), f"{PLACE}/{number}"
    shown = client.get(page).text
    assert "次数已用完" in shown
    assert "提交申请" not in shown
    answer = _post(client, page, page, **WHY, submit="1")
    assert answer.status_code == 302  # type: ignore[attr-defined]
    assert _state(app, number) == "draft"


def test_foreign_records_are_not_there(app: Flask, staged: Staged) -> None:
    """404 on every address of the pages for graduates and staff outside the scope."""
    number = staged("submitted")
    other = logged_in(app, "graduate8")
    assert other.get(f"{PLACE}/{number}").status_code == 404
    for path in (f"{PLACE}/{number}", f"{PLACE}/{number}/withdraw", f"{PLACE}/start/supplementary/1"):
        assert _post(other, "/graduate/me", path, **WHY, submit="1").status_code == 404  # type: ignore[attr-defined]
    assert other.get(f"/graduate/papers/supplementary/1/{LETTER}.pdf").status_code == 404
    for name in ("school10001", "dept10001a"):
        staff = logged_in(app, name)
        assert staff.get(f"{STAFF_PLACE}/show/{number}").status_code == 404
        for event in ("approve", "return", "reject"):
            sent = _post(staff, "/staff/offline-terminations/list/", f"{STAFF_PLACE}/decide/{number}/{event}")
            assert sent.status_code == 404, event  # type: ignore[attr-defined]
        assert "华北精密" not in staff.get(f"{STAFF_PLACE}/list/").text
    assert logged_in(app, "school10002").get(f"{PLACE}/{number}").status_code == 403
    assert _state(app, number) == "school_review"


def test_the_review_shows_what_each_settlement_needs(app: Flask, staged: Staged) -> None:
    """Agreement, reason, papers and the choice; a wrong one is refused at its place."""
    number, client = staged("submitted", STATEMENT), logged_in(app, "school10002")
    page = f"{STAFF_PLACE}/show/{number}"
    shown = client.get(page).text
    for words in (
        "双方同意解约",
        "学生单方面解约",
        "须有解约函",
        "没有解约函",
        "已与单位协商一致",
        "其他去向",
        "情况说明",
    ):
        assert words in shown
    decide = f"{STAFF_PLACE}/decide/{number}/approve"
    for form, words in (
        ({}, "请填写"),
        ({"approve.settlement": "mutual"}, "没有解约函，不能选择"),
        ({"approve.settlement": "unilateral"}, "请填写核实情况"),
    ):
        answer = _post(client, page, decide, **form)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert words in answer.text  # type: ignore[attr-defined]
    done = _post(client, page, decide, **{"approve.settlement": "unilateral", "approve.explanation": "单位不出具"})
    assert done.status_code == 302  # type: ignore[attr-defined]
    assert _state(app, number) == "approved"
    shown = client.get(page).text
    assert "单位不出具" in shown
    assert "approve-form" not in shown


def test_an_earlier_application_is_shown_to_the_reviewer(app: Flask, staged: Staged) -> None:
    """With its outcome, and a link to it."""
    rejected = staged("rejected")
    with app.app_context():
        desk = Desk("graduate7", "school10002")
        old = session.get_one(OfflineTermination, rejected)
        number = desk.submitted(_Signing(old)).id
        session.remove()
    shown = logged_in(app, "school10002").get(f"{STAFF_PLACE}/show/{number}").text
    assert "历次解约申请" in shown
    assert f"{STAFF_PLACE}/show/{rejected}" in shown


class _Signing:
    """As much of a signing as a new application about it needs."""

    def __init__(self, case: OfflineTermination) -> None:
        self.workflow_name, self.id = case.signing_workflow, case.signing_id


def test_the_signings_own_page_leads_to_its_terminations(app: Flask, staged: Staged) -> None:
    """For the staff who look at the signing, also after its end; drafts are the graduate's own."""
    number, client = staged("draft", LETTER), logged_in(app, "school10002")
    with app.app_context():
        signing = session.get_one(OfflineTermination, number).signing_id
    place = f"/staff/supplementaries/show/{signing}"
    assert "解约申请记录" not in client.get(place).text
    with app.app_context():
        desk = Desk("graduate7", "school10002")
        fire(session.get_one(OfflineTermination, number), "submit", desk.graduate)
        session.remove()
    shown = client.get(place).text
    assert "解约申请记录" in shown
    assert f"{STAFF_PLACE}/show/{number}" in shown


def test_list_search_and_sheets(app: Flask, staged: Staged) -> None:
    """The filters of the guide; 下载当前查询数据 and 导出退回修改学生名单 with the reviewer's words (R8.13)."""
    staged("returned", LETTER)
    client = logged_in(app, "school10002")
    assert "华北精密机械制造有限公司" in client.get(f"{STAFF_PLACE}/list/").text
    for query, found in (
        ("_flt_0_state=returned", True),
        ("_flt_0_state=draft", False),
        ("_flt_0_signing_workflow=supplementary", True),
        ("_flt_0_signing_workflow=offline_signing", False),
        ("_flt_0_reason_code=16", True),
        ("_flt_0_reason_code=11", False),
    ):
        assert ("华北精密机械制造有限公司" in client.get(f"{STAFF_PLACE}/list/?{query}").text) == found, query
    answer = client.get(f"{STAFF_PLACE}/export?_flt_0_state=returned")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.values)  # type: ignore[union-attr]
    assert RETURN["reason"] in rows[-1]
    assert "解约原因" in rows[0]


def test_home_tile_badge_and_links_lead_here(app: Flask, staged: Staged) -> None:
    """What waits is counted on the start page; notices find both pages of the record."""
    number = staged("submitted")
    client = logged_in(app, "school10002")
    assert re.search(r"解约管理.{0,200}>1<", client.get(f"{STAFF_PLACE}/list/").text, re.DOTALL)
    home = client.get("/staff/").text
    assert f"{STAFF_PLACE}/list/?_flt_0_state=school_review" in home
    with app.test_request_context():
        assert links.record_url("offline_termination", number, GRADUATE) == f"{PLACE}/{number}"
        assert links.record_url("offline_termination", number, SCHOOL) == f"{STAFF_PLACE}/show/{number}"
