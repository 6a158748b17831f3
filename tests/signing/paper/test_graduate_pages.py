"""The graduate's pages of the signings on paper: steps and drafts, returned records, sheets, scope (R7.6, R7.8, R7.10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import session
from app.employers.models import Employer
from app.signing.paper.models import OfflineSigning
from tests.notices.browser import logged_in, token
from tests.signing.paper.stage import PaperStage, application, registration
from trial.demo.country import GRADUATES

pytestmark = pytest.mark.usefixtures("fresh_database")
OFFLINE, REGISTERED = "offline_signing", "supplementary"


def fields(data: dict[str, Any], *parts: str) -> dict[str, str]:
    """These parts of an application as the form sends them."""
    sent: dict[str, str] = {}
    for part in parts:
        value = data[part]
        for name, inner in value.items() if isinstance(value, dict) else ():
            sent[f"{part}.{name}"] = {True: "1", False: ""}.get(inner, inner) if isinstance(inner, bool) else str(inner)
        if not isinstance(value, dict):
            sent[part] = value
    return sent


def send(page: FlaskClient, address: str, **sent: Any) -> Any:
    """Send a form of the page at this address as a person does."""
    return page.post(address, data={"csrf_token": token(page.get("/graduate/me").text), **sent})


def newest() -> OfflineSigning:
    """The newest offline signing."""
    session.expire_all()
    case = session.query(OfflineSigning).order_by(OfflineSigning.id.desc()).first()
    assert case is not None
    return case


def test_steps_are_kept_one_by_one_and_submitted_at_the_end(app_context: Flask) -> None:
    mine, data = logged_in(app_context, "graduate1"), application()
    answer = send(mine, "/graduate/paper/offline_signing/new", **fields(data, "employer"))
    case = newest()
    assert answer.status_code == 302, answer.text
    assert answer.location.endswith(f"/graduate/paper/offline_signing/{case.id}/position")
    assert "有一份未提交的草稿" in mine.get("/graduate/paper/offline_signing/new").text
    base = f"/graduate/paper/offline_signing/{case.id}"
    half = {**fields(data, "position"), "position.title": "", "version": "1"}
    refused = send(mine, f"{base}/position", **half)
    assert refused.status_code == 422
    assert "本步骤已保存" in refused.text
    assert newest().data["position"]["salary_month"] == "6500.00"
    assert newest().data["employer"]["name"] == data["employer"]["name"]
    assert "岗位名称" in mine.get(f"{base}/check").text
    assert send(mine, f"{base}/position", **fields(data, "position")).location.endswith("/terms")
    assert send(mine, f"{base}/terms", **fields(data, "archive", "hukou", "clauses")).location.endswith("/check")
    check = mine.get(f"{base}/check").text
    assert 'id="submit"' in check
    assert "甲方提供宿舍" in check
    done = send(mine, f"{base}/fire/submit")
    assert done.location.endswith(f"/graduate/offline/{case.id}")
    assert newest().state == "agreement_dept_review"
    assert "撤回" in mine.get(done.location).text
    send(mine, f"{base}/fire/withdraw")
    assert newest().state == "draft"


def test_what_cannot_be_kept_is_said_at_the_field(app_context: Flask) -> None:
    mine = logged_in(app_context, "graduate1")
    sent = {**fields(application(), "employer"), "employer.uscc": "123"}
    answer = send(mine, "/graduate/paper/offline_signing/new", **sent)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert session.query(OfflineSigning).count() == 0


def test_a_draft_can_wait(app_context: Flask) -> None:
    mine = logged_in(app_context, "graduate1")
    answer = send(mine, "/graduate/paper/supplementary/new", later="1", **{"employer.name": "清河木器厂"})
    assert re.search(r"/graduate/registered/\d+$", answer.location)
    page = mine.get(answer.location).text
    assert "清河木器厂" in page
    assert "继续填写" in page


def test_the_unit_of_a_credit_code_is_offered_and_filled_in(app_context: Flask) -> None:
    mine = logged_in(app_context, "graduate1")
    unit = session.query(Employer).filter(Employer.verified_at.is_not(None)).first()
    assert unit is not None
    offered = mine.get(f"/graduate/paper/unit?employer.uscc={unit.uscc}").text
    assert unit.name in offered
    assert "填入该单位信息" in offered
    filled = send(mine, "/graduate/paper/offline_signing/new", fill="1", **{"employer.uscc": unit.uscc}).text
    assert f'value="{unit.name}"' in filled
    assert unit.address in filled
    assert "请检查" in mine.get("/graduate/paper/unit?employer.uscc=911").text or "信用代码" in filled
    assert session.query(OfflineSigning).count() == 0


def test_a_returned_record_opens_at_the_field_with_the_reviewers_words(app_context: Flask) -> None:
    case = PaperStage().offline("agreement_returned")
    mine = logged_in(app_context, "graduate1")
    record = mine.get(f"/graduate/offline/{case.id}").text
    assert "单位地址不完整" in record
    edit = re.search(r'href="(/graduate/paper/offline_signing/\d+/unit)#f-employer.address"', record)
    assert edit is not None
    form = mine.get(edit[1]).text
    assert re.search(r'id="f-employer.address-opinion".*?请写到门牌号', form, re.S)
    home = mine.get("/graduate/").text
    assert "就业协议退回修改" in home
    assert "按审核意见修改" in home


def test_the_copy_is_handed_in_only_with_pictures(app_context: Flask) -> None:
    stage = PaperStage()
    case = stage.offline("agreement_approved")
    mine = logged_in(app_context, "graduate1")
    address = f"/graduate/paper/offline_signing/{case.id}/fire/upload"
    assert "盖章" in mine.get(send(mine, address).location).text
    assert newest().state == "agreement_approved"
    stage.attach(case, "stamped_agreement")
    send(mine, address)
    assert newest().state == "dept_review"


def test_the_link_is_sent_again_and_revoked(app_context: Flask) -> None:
    case = PaperStage().offline("agreement_approved")
    mine = logged_in(app_context, "graduate1")
    address = f"/graduate/offline/{case.id}"
    send(mine, f"{address}/link", phone="13900001111")
    page = mine.get(address).text
    assert "139****1111" in page
    assert "13900001111" not in page
    send(mine, f"{address}/link", email="hr@example.com")
    assert "139****1111" not in mine.get(address).text
    send(mine, f"{address}/link/revoke")
    assert "已失效" in mine.get(address).text
    wrong = send(mine, f"{address}/link", phone="12")
    assert "手机" in mine.get(wrong.location).text


@pytest.mark.parametrize(
    "state", ["draft", "agreement_school_review", "agreement_rejected", "school_review", "rejected", "signed", "voided"]
)
def test_the_record_shows_every_state(app_context: Flask, state: str) -> None:
    case = PaperStage().offline(state)
    page = logged_in(app_context, "graduate1").get(f"/graduate/offline/{case.id}")
    assert page.status_code == 200
    assert case.employer.name in page.text


@pytest.mark.parametrize("state", ["draft", "school_review", "returned", "rejected", "signed", "terminated"])
def test_the_registration_shows_every_state(app_context: Flask, state: str) -> None:
    case = PaperStage().supplementary(state)
    page = logged_in(app_context, "graduate1").get(f"/graduate/registered/{case.id}")
    assert page.status_code == 200
    assert "纸质协议" in page.text


def test_nobody_else_opens_or_changes_them(app_context: Flask) -> None:
    stage = PaperStage()
    case, other = stage.offline("agreement_approved"), stage.supplementary("draft")
    looks = [
        f"/graduate/offline/{case.id}",
        f"/graduate/registered/{other.id}",
        f"/graduate/paper/offline_signing/{case.id}/unit",
        f"/graduate/paper/supplementary/{other.id}/papers",
        f"/agreements/offline/{case.id}",
        f"/graduate/papers/offline_signing/{case.id}/statement.pdf",
    ]
    acts = [
        f"/graduate/paper/offline_signing/{case.id}/unit",
        f"/graduate/paper/offline_signing/{case.id}/fire/upload",
        f"/graduate/offline/{case.id}/link",
        f"/graduate/offline/{case.id}/link/revoke",
    ]
    stranger = logged_in(app_context, "graduate2")
    assert [stranger.get(one).status_code for one in looks] == [404] * len(looks)
    assert [send(stranger, one).status_code for one in acts] == [404] * len(acts)
    unit = logged_in(app_context, "employer1")
    assert [unit.get(one).status_code for one in looks if "agreements" not in one] == [403] * (len(looks) - 1)
    assert unit.get(f"/agreements/offline/{case.id}").status_code == 404
    reviewer = logged_in(app_context, "school10001")
    assert reviewer.get(looks[0]).status_code == 403
    assert reviewer.get(f"/agreements/offline/{case.id}").status_code in (200, 202)
    assert logged_in(app_context, "school10002").get(f"/agreements/offline/{case.id}").status_code == 404
    mine = logged_in(app_context, "graduate1")
    odd = (
        "/graduate/paper/online_signing/new",
        f"/graduate/paper/offline_signing/{case.id}/nothing",
        "/graduate/offline/x",
    )
    assert [mine.get(one).status_code for one in odd] == [404] * 3


def test_who_is_bound_finds_the_ways_closed_with_the_reason(app_context: Flask) -> None:
    PaperStage().offline("signed")
    mine = logged_in(app_context, "graduate1")
    home = mine.get("/graduate/").text
    assert home.count('aria-disabled="true"') >= 2
    assert "须解约后" in home
    assert "已与清河木器厂签约" in home
    assert mine.get("/graduate/paper/offline_signing/new").status_code == 302


def test_the_list_has_a_tab_for_each_kind(app_context: Flask) -> None:
    stage = PaperStage()
    stage.offline("draft")
    stage.supplementary("draft")
    mine = logged_in(app_context, "graduate1")
    for kind in (OFFLINE, REGISTERED):
        assert "清河木器厂" in mine.get(f"/graduate/signing?kind={kind}").text
    assert "还没有" in logged_in(app_context, "graduate2").get(f"/graduate/signing?kind={OFFLINE}").text
    assert mine.get("/graduate/signing?kind=destination").status_code == 404
    assert registration()["signed_on"]
    assert GRADUATES[0].name in mine.get("/graduate/").text
