"""W2 and W3 through the API as an integration would do it, from the application to the employment system."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from tests.signing.paper.stage import REJECT, RETURN, UNIT, application, registration

Api = Callable[..., Any]
OFFLINE, SUPPLEMENTARY = "offline_signing", "supplementary"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def test_offline_from_application_to_the_employment_system(
    api: Api, create: Any, press: Any, attach: Any, drain: Callable[..., int], actor_of: Any
) -> None:
    """北京大学 reviews both rounds in two steps; the agreement is printed in between."""
    case = create("graduate1", OFFLINE, application())
    case_id = case["id"]
    assert (case["state"], case["label"]) == ("agreement_dept_review", "就业协议审核中，等待学院审核")
    assert case["employer"] == {"id": None, "name": UNIT["name"], "uscc": UNIT["uscc"]}
    assert case["data"]["position"]["title"] == "设计员"
    assert case["events"] == ["withdraw"]
    press("dept10001a", OFFLINE, case_id, "approve")
    case = press("school10001", OFFLINE, case_id, "approve")
    assert case["state"] == "agreement_approved"
    assert re.fullmatch(r"202710001\d{8}[0-9X]", case["number"])

    drain()
    paper = api("graduate1").get(f"/{OFFLINE}/{case_id}/document")
    assert paper.status_code == 200
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.data)).pages)
    assert case["number"] in text
    missing = api("graduate1").post(f"/{OFFLINE}/{case_id}/upload")
    assert missing.status_code == 422
    assert list(missing.get_json()["errors"]) == ["stamped_agreement"]

    kept = attach("graduate1", OFFLINE, case_id, "stamped_agreement")
    assert kept.status_code == 201
    assert set(kept.get_json()["result"]) == {"id", "kind", "name", "sha256", "size"}
    case = press("graduate1", OFFLINE, case_id, "upload")
    assert (case["state"], case["label"]) == ("dept_review", "签约审核中，等待学院审核")
    assert [file["kind"] for file in case["attachments"]] == ["stamped_agreement"]
    press("dept10001a", OFFLINE, case_id, "approve", note="盖章清晰")
    case = press("school10001", OFFLINE, case_id, "approve")
    assert (case["state"], case["label"]) == ("signed", "签约审核通过")
    assert [(step["event"], step["role"], step["to"]) for step in case["history"]] == [
        ("create", "graduate", "draft"),
        ("submit", "graduate", "agreement_dept_review"),
        ("approve", "department", "agreement_school_review"),
        ("approve", "school", "agreement_approved"),
        ("upload", "graduate", "dept_review"),
        ("approve", "department", "school_review"),
        ("approve", "school", "signed"),
    ]

    drain()
    destination = _destination(api, actor_of("graduate1").graduate_id)
    assert (destination["code"], destination["employer"], destination["uscc"]) == ("10", UNIT["name"], UNIT["uscc"])
    assert (destination["nature"], destination["industry"], destination["category"]) == ("39", "22", "13")


def _destination(api: Api, graduate_id: int) -> Any:
    return api("school10001").get(f"/graduates/{graduate_id}").get_json()["result"]["ems"]["destination"]


def test_the_paper_stays_the_same_for_ever(api: Api, create: Any, press: Any, attach: Any, drain: Any) -> None:
    """Neither the review of the copy nor a later edit of the category remakes it (R9.1)."""
    case_id = _signed(create, press, attach)
    drain()
    first = api("graduate7").get(f"/{OFFLINE}/{case_id}/document").data
    press("school10002", OFFLINE, case_id, "edit_category", category="21", nature="31", industry="24")
    drain()
    assert api("school10002").get(f"/{OFFLINE}/{case_id}/document").data == first


def _signed(create: Any, press: Any, attach: Any, graduate: str = "graduate7") -> int:
    """中国人民大学 reviews alone."""
    case_id = int(create(graduate, OFFLINE, application())["id"])
    press("school10002", OFFLINE, case_id, "approve")
    attach(graduate, OFFLINE, case_id, "stamped_agreement")
    press(graduate, OFFLINE, case_id, "upload")
    assert press("school10002", OFFLINE, case_id, "approve")["state"] == "signed"
    return case_id


def test_category_nature_and_industry_after_approval(
    api: Api, create: Any, press: Any, attach: Any, drain: Any, actor_of: Any
) -> None:
    """The school changes them, the graduate is told by message, the employment system follows (R8.8)."""
    case_id = _signed(create, press, attach)
    path = f"/{OFFLINE}/{case_id}/edit_category"
    assert api("graduate7").post(path, {"category": "21"}).status_code == 403
    assert api("school10002").post(path, {"category": "13"}).status_code == 409
    assert api("school10002").post(path, {}).status_code == 422
    assert api("school10002").post(path, {"category": "99999"}).status_code == 422
    case = press("school10002", OFFLINE, case_id, "edit_category", category="13", nature="31", industry="24")
    assert case["data"]["employer"]["nature"] == "31"
    assert case["data"]["position"]["category"] == "13"
    drain()
    held = api("school10002").get(f"/graduates/{actor_of('graduate7').graduate_id}").get_json()["result"]
    destination = held["ems"]["destination"]
    assert (destination["nature"], destination["industry"], destination["category"]) == ("31", "24", "13")
    told = api("graduate7").get("/notifications/").get_json()["result"][0]
    assert "单位性质" in told["text"]
    assert "职位类别" not in told["text"]
    assert {one["channel"] for one in told["channels"]} >= {"wechat", "sms"}


def test_void_frees_the_graduate_and_reports(
    api: Api, create: Any, press: Any, attach: Any, drain: Any, actor_of: Any
) -> None:
    """EMS ← 待就业, both told, and the graduate can begin again at once (R8.9)."""
    case_id = _signed(create, press, attach)
    drain()
    assert api("school10002").post(f"/{OFFLINE}/{case_id}/void", {}).status_code == 422
    case = press("school10002", OFFLINE, case_id, "void", reason="单位注销")
    assert (case["state"], case["label"]) == ("voided", "已作废")
    drain()
    held = api("school10002").get(f"/graduates/{actor_of('graduate7').graduate_id}").get_json()["result"]
    assert held["ems"]["destination"]["code"] == "70"
    assert create("graduate7", OFFLINE, application())["state"] == "agreement_school_review"


def test_supplementary_needs_a_picture(api: Api, create: Any, press: Any, attach: Any, drain: Any) -> None:
    """The data and at least one picture of the paper agreement; then one round (R7.8)."""
    at_once = api("graduate1").post(f"/{SUPPLEMENTARY}/", registration())
    assert at_once.status_code == 422
    assert list(at_once.get_json()["errors"]) == ["paper_agreement"]
    assert api("graduate1").get(f"/{SUPPLEMENTARY}/").get_json()["count"] == 0

    case_id = create("graduate1", SUPPLEMENTARY, {**registration(), "submit": False})["id"]
    assert api("graduate1").post(f"/{SUPPLEMENTARY}/{case_id}/submit").status_code == 422
    assert attach("graduate1", SUPPLEMENTARY, case_id, "paper_agreement").status_code == 201
    assert press("graduate1", SUPPLEMENTARY, case_id, "submit")["state"] == "dept_review"
    assert attach("graduate1", SUPPLEMENTARY, case_id, "paper_agreement", 20).status_code == 409
    press("dept10001a", SUPPLEMENTARY, case_id, "approve")
    case = press("school10001", SUPPLEMENTARY, case_id, "approve")
    assert (case["state"], case["label"], case["number"]) == ("signed", "审核通过", None)
    assert case["data"]["signed_on"] == registration()["signed_on"]
    drain()


def test_draft_is_checked_for_kinds_and_codes_only(api: Api, create: Any, press: Any) -> None:
    """A draft may be nearly empty; what is there must be of the right kind. Submitting names what is missing."""
    case_id = create("graduate1", OFFLINE, {"submit": False, "employer": {"name": "清河木器厂"}})["id"]
    for wrong in (
        {"employer": {"nature": "not a code"}},
        {"employer": "x"},
        {"position": {"salary_month": "much"}},
        {"employer": {"uscc": "91130104MA08Y8FL6L"}},
        {"position": {"region": "999999"}},
        {"clauses": 7},
    ):
        assert api("graduate1").put(f"/{OFFLINE}/{case_id}", wrong).status_code == 422, wrong
    refused = api("graduate1").post(f"/{OFFLINE}/{case_id}/submit")
    assert refused.status_code == 422
    assert {"employer.uscc", "employer.region", "position"} <= set(refused.get_json()["errors"])
    assert all("必填" in text or "填写" in text for text in refused.get_json()["errors"]["employer.region"])
    edited = api("graduate1").put(f"/{OFFLINE}/{case_id}", application())
    assert edited.status_code == 200
    assert press("graduate1", OFFLINE, case_id, "submit")["state"] == "agreement_dept_review"
    assert api("graduate1").put(f"/{OFFLINE}/{case_id}", application()).status_code == 409


def test_unit_without_credit_code_only_in_the_armed_forces(api: Api) -> None:
    """部队 has none; every other unit does."""
    without = {name: value for name, value in UNIT.items() if name != "uscc"}
    refused = api("graduate1").post(f"/{OFFLINE}/", application(employer=without))
    assert list(refused.get_json()["errors"]) == ["employer.uscc"]
    forces = {**without, "nature": "40"}
    assert api("graduate1").post(f"/{OFFLINE}/", application(employer=forces)).status_code == 201


def test_return_in_the_first_round_is_edited_and_submitted_again(api: Api, create: Any, press: Any) -> None:
    """The opinion stands with the case until the next submission (R7.10)."""
    case_id = create("graduate1", OFFLINE, application())["id"]
    assert press("dept10001a", OFFLINE, case_id, "return", **RETURN)["label"] == "就业协议退回修改"
    better = application(employer={**UNIT, "address": "工农路 1 号 2 栋"})
    assert api("graduate1").put(f"/{OFFLINE}/{case_id}", better).status_code == 200
    case = press("graduate1", OFFLINE, case_id, "submit")
    assert case["data"]["employer"]["address"] == "工农路 1 号 2 栋"
    assert case["state"] == "agreement_dept_review"


def test_second_round_takes_copies_not_edits(api: Api, create: Any, press: Any, attach: Any) -> None:
    """The printed agreement stands; a statement says what is wrong with it, then the school ends it (R8.5)."""
    case_id = create("graduate7", OFFLINE, application())["id"]
    assert attach("graduate7", OFFLINE, case_id, "stamped_agreement").status_code == 409
    press("school10002", OFFLINE, case_id, "approve")
    attach("graduate7", OFFLINE, case_id, "stamped_agreement")
    press("graduate7", OFFLINE, case_id, "upload")
    assert attach("graduate7", OFFLINE, case_id, "stamped_agreement", 20).status_code == 409
    assert press("school10002", OFFLINE, case_id, "return", reason="印章不清晰")["state"] == "returned"
    assert api("graduate7").put(f"/{OFFLINE}/{case_id}", application()).status_code == 409
    refused = api("graduate7").post(f"/{OFFLINE}/{case_id}/submit")
    assert refused.status_code == 409
    assert "情况说明" in refused.get_json()["message"]
    assert attach("graduate7", OFFLINE, case_id, "stamped_agreement", 40).status_code == 201
    assert press("graduate7", OFFLINE, case_id, "upload")["state"] == "school_review"
    assert attach("graduate7", OFFLINE, case_id, "statement", 60).status_code == 201
    assert attach("school10002", OFFLINE, case_id, "statement", 61).status_code == 403
    assert press("school10002", OFFLINE, case_id, "reject", **REJECT)["state"] == "rejected"
    assert create("graduate7", OFFLINE, application())["state"] == "agreement_school_review"


def test_withdraw_only_before_a_decision_of_that_round(api: Api, create: Any, press: Any, attach: Any) -> None:
    """To the draft in the first round, to the approved agreement in the second (R7.10)."""
    case_id = create("graduate1", OFFLINE, application())["id"]
    assert press("graduate1", OFFLINE, case_id, "withdraw")["state"] == "draft"
    press("graduate1", OFFLINE, case_id, "submit")
    press("dept10001a", OFFLINE, case_id, "approve")
    assert api("graduate1").post(f"/{OFFLINE}/{case_id}/withdraw").status_code == 409
    press("school10001", OFFLINE, case_id, "approve")
    attach("graduate1", OFFLINE, case_id, "stamped_agreement")
    press("graduate1", OFFLINE, case_id, "upload")
    assert press("graduate1", OFFLINE, case_id, "withdraw", reason="换一张照片")["state"] == "agreement_approved"
    press("graduate1", OFFLINE, case_id, "upload")
    press("dept10001a", OFFLINE, case_id, "approve")
    refused = api("graduate1").post(f"/{OFFLINE}/{case_id}/withdraw")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "already_decided")


def test_rules_come_before_fields(api: Api, create: Any) -> None:
    """409 before 422, at creation too; 403 for everybody who is no graduate."""
    create("graduate1", OFFLINE, application())
    for body in ({}, application(), {"employer": 7}):
        assert api("graduate1").post(f"/{OFFLINE}/", body).status_code == 409
    assert api("graduate1").post(f"/{OFFLINE}/", {"submit": False, "employer": 7}).status_code == 422
    assert api("graduate17").post(f"/{OFFLINE}/", {}).get_json()["code"] == "not_signable"
    for name in ("employer1", "school10001", "dept10001a", "province11", "operator"):
        assert api(name).post(f"/{OFFLINE}/", application()).status_code == 403
        assert api(name).post(f"/{SUPPLEMENTARY}/", registration()).status_code == 403


def test_same_key_creates_once(api: Api) -> None:
    """Creating calls take an Idempotency-Key."""
    body, headers = {**application(), "submit": False}, {"Idempotency-Key": "paper-1"}
    answers = [api("graduate1").post(f"/{OFFLINE}/", body, headers=headers) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert api("graduate1").get(f"/{OFFLINE}/").get_json()["count"] == 1


def test_many_are_reviewed_at_once_and_exported(api: Api, create: Any) -> None:
    """Each judged on its own (R8.15); the sheet holds the query (R8.13)."""
    ids = [create(name, OFFLINE, application())["id"] for name in ("graduate7", "graduate8")]
    draft = create("graduate9", OFFLINE, {**application(), "submit": False})["id"]
    answer = api("school10002").post(f"/{OFFLINE}/bulk/approve", {"ids": [*ids, draft, 10**12]})
    outcomes = answer.get_json()["result"]
    assert [(one["ok"], one.get("state"), one.get("code")) for one in outcomes] == [
        (True, "agreement_approved", None),
        (True, "agreement_approved", None),
        (False, None, "wrong_state"),
        (False, None, "not_found"),
    ]
    found = api("school10002").get(f"/{OFFLINE}/?q=(filters:!((col:unit_uscc,opr:eq,value:'{UNIT['uscc']}')))")
    assert found.get_json()["count"] == 3, found.text
    sheet = api("school10002").get(f"/{OFFLINE}/export")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    assert any(UNIT["name"] in row for row in rows)
