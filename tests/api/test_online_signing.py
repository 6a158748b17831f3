"""W1 through the API as an integration would do it, from the invitation to the employment system."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.signing.stage import letter

Api = Callable[..., Any]
BASE = "/online_signing"
NUMBER = re.compile(r"\d{18}")
CASE = {
    *("id", "workflow", "state", "label", "cohort", "graduate", "employer", "number", "data"),
    *("version", "attachments", "events", "history", "created_at", "updated_at", "external_id", "due"),
    "amendments",
}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def graduate_id(actor_of: Callable[[str], Any]) -> Callable[[str], int]:
    """The roster row of a graduate's account."""
    return lambda name: int(actor_of(name).graduate_id)


@pytest.fixture
def invite(api: Api, graduate_id: Callable[[str], int]) -> Callable[..., int]:
    """A function: employer1 invites this graduate by the API; returns the case's id."""

    def send(name: str, by: str = "employer1", **changes: Any) -> int:
        answer = api(by).post(f"{BASE}/", {**letter(**changes), "graduate_ids": [graduate_id(name)]})
        assert answer.status_code == 201, answer.text
        return int(answer.get_json()["result"]["created"][0]["id"])

    return send


@pytest.fixture
def press(api: Api) -> Callable[..., dict[str, Any]]:
    """A function: press("graduate1", 5, "accept") fires an event and returns the CASE."""

    def fire(who: str, case_id: int, event: str, **data: Any) -> dict[str, Any]:
        answer = api(who).post(f"{BASE}/{case_id}/{event}", data)
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        assert body["id"] == body["result"]["id"] == case_id
        return dict(body["result"])

    return fire


@pytest.fixture
def sign(invite: Callable[..., int], press: Callable[..., Any]) -> Callable[[str, str], int]:
    """A function: a signing of this graduate, approved by this school that reviews alone."""

    def through(graduate: str, school: str) -> int:
        case_id = invite(graduate)
        press(graduate, case_id, "accept")
        press(school, case_id, "approve")
        return case_id

    return through


def test_whole_story_with_department_and_school(
    api: Api, invite: Callable[..., int], press: Callable[..., Any], graduate_id: Callable[[str], int], drain: Any
) -> None:
    """北京大学 reviews in two steps; each step is seen by those it concerns, and the employment system holds the end."""
    case_id = invite("graduate1")
    seen = {name: api(name).get(f"{BASE}/{case_id}").get_json()["result"]["events"] for name in PEOPLE}
    of_unit = ["remind", "extend", "withdraw"]
    offered = {"employer1": of_unit, "employer1b": of_unit, "graduate1": ["accept", "decline"]}
    assert seen == {name: offered.get(name, []) for name in PEOPLE}

    case = press("graduate1", case_id, "accept")
    assert (case["state"], case["label"]) == ("dept_review", "学生已同意签约，等待学院审核")
    shown = api("employer1").get(f"{BASE}/{case_id}").get_json()["result"]
    assert (shown["label"], shown["events"]) == ("学生已应约提交审核中", [])
    assert press("dept10001a", case_id, "approve", note="材料齐全")["state"] == "school_review"
    assert api("school10001").post(f"{BASE}/{case_id}/approve").status_code == 200

    drain()
    case = api("graduate1").get(f"{BASE}/{case_id}").get_json()["result"]
    assert set(case) == CASE
    assert (case["state"], case["label"]) == ("signed", "签约审核通过")
    assert NUMBER.fullmatch(case["number"])
    assert [step["event"] for step in case["history"]] == ["invite", "accept", "approve", "approve"]
    assert [step["role"] for step in case["history"]] == ["employer", "graduate", "department", "school"]
    assert [step["to"] for step in case["history"]] == ["invited", "dept_review", "school_review", "signed"]
    assert case["history"][2]["reason"] == "材料齐全"

    held = api("school10001").get(f"/graduates/{graduate_id('graduate1')}").get_json()["result"]
    destination = held["ems"]["destination"]
    assert destination["employer"] == case["employer"]["name"]
    assert (destination["uscc"], destination["category"]) == (case["employer"]["uscc"], "13")
    assert set(destination) == DESTINATION
    assert held["differences"] == []


PEOPLE = (*("employer1", "employer1b", "graduate1", "dept10001a", "school10001", "province11", "operator"),)
DESTINATION = {
    *("code", "label", "employer", "uscc", "nature", "industry", "region", "category", "contact", "phone"),
    *("mobile", "email", "fax", "address", "postcode", "reported_at"),
}


def test_document_is_promised_at_once_then_the_same_for_ever(
    app: Flask, api: Api, sign: Callable[[str, str], int], press: Any, drain: Any
) -> None:
    case_id = sign("graduate7", "school10002")
    waiting = api("graduate7").get(f"{BASE}/{case_id}/document")
    assert waiting.status_code == 202
    assert int(waiting.headers["Retry-After"]) > 0
    assert waiting.get_json()["message"]
    drain()
    files = {name: api(name).get(f"{BASE}/{case_id}/document") for name in ("graduate7", "employer1b", "school10002")}
    assert {answer.status_code for answer in files.values()} == {200}
    assert {answer.mimetype for answer in files.values()} == {"application/pdf"}
    assert len({answer.data for answer in files.values()}) == 1
    text = pypdf.PdfReader(io.BytesIO(files["graduate7"].data)).pages[0].extract_text()
    assert api("graduate7").get(f"{BASE}/{case_id}").get_json()["result"]["number"] in text.replace(" ", "")
    press("school10002", case_id, "edit_category", category="21")
    drain()
    assert api("graduate7").get(f"{BASE}/{case_id}/document").data == files["graduate7"].data


def test_document_of_an_unsigned_case_is_not_there(api: Api, invite: Callable[..., int]) -> None:
    answer = api("graduate1").get(f"{BASE}/{invite('graduate1')}/document")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no_document")


def test_category_is_changed_in_the_record_and_in_the_employment_system(
    api: Api, sign: Callable[[str, str], int], press: Any, graduate_id: Callable[[str], int], drain: Any
) -> None:
    case_id = sign("graduate7", "school10002")
    case = press("school10002", case_id, "edit_category", category="21")
    assert (case["state"], case["data"]["position"]["category"]) == ("signed", "21")
    unchanged = api("school10002").post(f"{BASE}/{case_id}/edit_category", {"category": "21"})
    assert (unchanged.status_code, unchanged.get_json()["code"]) == (409, "unchanged")
    drain()
    held = api("school10002").get(f"/graduates/{graduate_id('graduate7')}").get_json()["result"]
    assert held["ems"]["destination"]["category"] == "21"


def test_voided_signing_sets_the_graduate_free_and_pending(
    api: Api, sign: Callable[[str, str], int], press: Any, invite: Any, graduate_id: Any, drain: Any
) -> None:
    case_id = sign("graduate7", "school10002")
    number = press("school10002", case_id, "void", reason="单位注销")["number"]
    assert NUMBER.fullmatch(number)
    drain()
    held = api("school10002").get(f"/graduates/{graduate_id('graduate7')}").get_json()["result"]
    assert held["ems"]["destination"]["label"] == "待就业"
    assert held["ems"]["destination"]["employer"] in (None, "")
    again = invite("graduate7")
    press("graduate7", again, "accept")
    assert press("school10002", again, "approve")["number"] != number


def test_invitation_tells_created_and_refused(api: Api, graduate_id: Callable[[str], int]) -> None:
    ids = [graduate_id("graduate1"), 10**12, graduate_id("graduate3")]
    answer = api("employer1").post(f"{BASE}/", {**letter(), "graduate_ids": ids})
    assert answer.status_code == 201
    result = answer.get_json()["result"]
    assert [set(case) for case in result["created"]] == [CASE]
    assert result["created"][0]["graduate"]["id"] == ids[0]
    assert [(one["graduate_id"], one["code"]) for one in result["refused"]] == [
        (ids[1], "not_in_favorites"),
        (ids[2], "not_in_favorites"),
    ]
    assert all(set(one) == {"graduate_id", "code", "message"} for one in result["refused"])
    refused = api("employer1").post(f"{BASE}/", {**letter(), "graduate_ids": ids})
    assert refused.status_code == 409
    body = refused.get_json()
    assert body["result"]["created"] == []
    assert [one["code"] for one in body["result"]["refused"]] == ["already_invited", *["not_in_favorites"] * 2]
    assert {"message", "code", "errors"} <= set(body)


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (None, "{", 400),
        (None, {}, 401),
        ("graduate1", {}, 403),
        ("school10001", {}, 403),
        ("operator", {}, 403),
        ("employer3", {}, 409),
        ("employer1", {}, 422),
        ("employer1", {"graduate_ids": [10**12]}, 409),
        ("employer1", {"graduate_ids": [1]}, 422),
    ],
)
def test_creating_checks_in_the_promised_order(app: Flask, api: Api, who: str | None, body: Any, status: int) -> None:
    headers = api(who).headers if who else {}
    options = {"data": body, "content_type": "application/json"} if isinstance(body, str) else {"json": body}
    answer = app.test_client().post(f"/api/v1{BASE}/", headers=headers, **options)
    assert answer.status_code == status, answer.text
    assert set(answer.get_json()) - {"result"} == {"message", "code", "errors"}


def test_events_check_in_the_promised_order(api: Api, invite: Callable[..., int], press: Any) -> None:
    """404 out of scope, 403 what the role can never do, 409 the state, 422 the fields."""
    case_id = invite("graduate1")
    path = f"{BASE}/{case_id}"
    wrong = {"reason": 5}
    assert api("employer2").post(f"{path}/withdraw", wrong).status_code == 404
    assert api("dept10001b").post(f"{path}/approve", wrong).status_code == 404
    assert api("employer1").post(f"{path}/no_such_event", wrong).status_code == 404
    assert api("employer1").post(f"{path}/accept", wrong).status_code == 403
    assert api("employer1").post(f"{path}/expire", wrong).status_code == 403
    assert api("province11").post(f"{path}/approve", wrong).status_code == 403
    assert api("operator").post(f"{path}/void", wrong).status_code == 403
    assert api("dept10001a").post(f"{path}/reject", wrong).status_code == 409
    assert api("dept10001a").post(f"{path}/void", wrong).status_code == 403
    assert api("school10001").post(f"{path}/void", wrong).status_code == 409
    assert api("employer1").post(f"{path}/withdraw", wrong).status_code == 422
    press("graduate1", case_id, "accept")
    late = api("employer1").post(f"{path}/withdraw", {})
    assert (late.status_code, late.get_json()["code"]) == (409, "wrong_state")
    assert "请联系学生中止签约" in late.get_json()["message"]


FIELDS = [
    ("employer1", "invited", "withdraw", {"reason": ""}, "reason"),
    ("employer1", "invited", "withdraw", {"reason": "长" * 501}, "reason"),
    ("employer1", "invited", "withdraw", {"reason": "x", "reason_code": "77"}, "reason_code"),
    ("graduate7", "invited", "decline", {"reason": ["x"]}, "reason"),
    ("school10002", "review", "reject", {"reason": "x"}, "reason_code"),
    ("school10002", "review", "reject", {"reason_code": "9"}, "reason"),
    ("school10002", "review", "approve", {"note": {"x": 1}}, "note"),
    ("school10002", "signed", "void", {}, "reason"),
    ("school10002", "signed", "edit_category", {"category": "99999"}, "category"),
    ("school10002", "signed", "edit_category", {}, "category"),
    ("school10002", "signed", "edit_category", {"category": 13}, "category"),
]


def test_data_of_events_are_told_at_their_fields(api: Api, invite: Callable[..., int], press: Any) -> None:
    case_id, reached = invite("graduate7"), ["invited"]
    steps = {"review": ("graduate7", "accept"), "signed": ("school10002", "approve")}
    for who, state, event, data, field in FIELDS:
        if state not in reached:
            reached.append(state)
            press(steps[state][0], case_id, steps[state][1])
        answer = api(who).post(f"{BASE}/{case_id}/{event}", data)
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field]), (event, data)


def test_bulk_approval_of_many_in_the_order_sent(api: Api, invite: Callable[..., int], press: Any) -> None:
    ids = [invite(name) for name in ("graduate7", "graduate8")]
    press("graduate7", ids[0], "accept")
    press("graduate8", ids[1], "accept")
    answer = api("school10002").post(f"{BASE}/bulk/approve", {"ids": ids[::-1], "note": "集中鉴证"})
    assert answer.get_json() == {"result": [{"id": one, "ok": True, "state": "signed"} for one in ids[::-1]]}
    last = api("graduate8").get(f"{BASE}/{ids[1]}").get_json()["result"]["history"][-1]
    assert last["reason"] == "集中鉴证"


def test_bulk_rejection_without_reason_refuses_each_with_its_reason(api: Api, invite: Any, press: Any) -> None:
    case_id = invite("graduate7")
    press("graduate7", case_id, "accept")
    (one,) = api("school10002").post(f"{BASE}/bulk/reject", {"ids": [case_id]}).get_json()["result"]
    assert (one["ok"], one["code"], bool(one["message"])) == (False, "invalid", True)


def test_export_is_a_workbook_of_my_scope(api: Api, invite: Callable[..., int]) -> None:
    for name in ("graduate1", "graduate7", "graduate13"):
        invite(name)
    rows = {}
    for name in ("employer1", "employer2", "school10001", "province11", "operator"):
        answer = api(name).get(f"{BASE}/export?q=(order_column:id,order_direction:asc)")
        assert answer.status_code == 200, (name, answer.text)
        rows[name] = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        answer.close()
    assert {name: len(found) - 1 for name, found in rows.items()} == {
        "employer1": 3,
        "employer2": 0,
        "school10001": 1,
        "province11": 2,
        "operator": 3,
    }
    header, first = rows["school10001"]
    assert {"姓名", "身份证号"} <= set(header)
    assert dict(zip(header, first, strict=True))["身份证号"] == "410671********0042"


def test_repeated_key_gives_the_same_answer_and_no_second_case(api: Api, graduate_id: Callable[[str], int]) -> None:
    body = {**letter(), "graduate_ids": [graduate_id("graduate1"), graduate_id("graduate2")]}
    answers = [api("employer1").post(f"{BASE}/", body, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    assert api("employer1").get(f"{BASE}/").get_json()["count"] == 2
    fresh = api("employer1").post(f"{BASE}/", body, headers={"Idempotency-Key": "k-2"})
    assert fresh.status_code == 409


def test_list_is_narrowed_by_the_callers_scope_and_the_filters(api: Api, invite: Any, press: Any) -> None:
    ids = {name: invite(name) for name in ("graduate1", "graduate2", "graduate7", "graduate13")}
    press("graduate7", ids["graduate7"], "accept")

    def listed(who: str, q: str = "()") -> list[int]:
        answer = api(who).get(f"{BASE}/?q={q}")
        assert answer.status_code == 200, answer.text
        return sorted(answer.get_json()["ids"])

    assert listed("operator") == sorted(ids.values())
    assert listed("province11") == sorted([ids["graduate1"], ids["graduate2"], ids["graduate7"]])
    assert listed("province32") == listed("school10284") == [ids["graduate13"]]
    assert listed("province44") == listed("employer2") == listed("dept10001b") == []
    assert listed("graduate2") == [ids["graduate2"]]
    assert listed("operator", "(filters:!((col:state,opr:eq,value:school_review)))") == [ids["graduate7"]]
    assert listed("employer1", "(filters:!((col:graduate_name,opr:ct,value:'阿依努尔')))") == [ids["graduate13"]]
    both = f"(filters:!((col:id,opr:in,value:!({ids['graduate1']},{ids['graduate13']}))))"
    assert listed("school10001", both) == [ids["graduate1"]]
    for odd in ("(order_column:data)", "(filters:!((col:snapshot,opr:eq,value:x)))", "(page:x)", "(", "!(1)"):
        assert api("operator").get(f"{BASE}/?q={odd}").status_code == 400


def test_a_dry_run_tells_who_could_be_invited_and_sends_nothing(
    api: Api, invite: Callable[..., int], graduate_id: Callable[[str], int]
) -> None:
    invite("graduate1")
    ids = [graduate_id("graduate1"), graduate_id("graduate2")]
    unit = api("employer1")
    tried = unit.post(f"{BASE}/", {"graduate_ids": ids, "dry_run": True})
    assert tried.status_code == 200
    told = tried.get_json()["result"]
    assert told["possible"] == [{"graduate_id": ids[1]}]
    assert [(one["graduate_id"], one["code"]) for one in told["refused"]] == [(ids[0], "already_invited")]
    assert unit.get(f"{BASE}/").get_json()["count"] == 1
    sent = unit.post(f"{BASE}/", {**letter(), "graduate_ids": ids, "each": [{"graduate_id": ids[1], "title": "组长"}]})
    assert sent.get_json()["result"]["refused"] == told["refused"]
    assert sent.get_json()["result"]["created"][0]["data"]["position"]["title"] == "组长"


def test_the_unit_reminds_and_extends(api: Api, invite: Callable[..., int], press: Callable[..., Any]) -> None:
    case_id = invite("graduate1")
    assert press("employer1", case_id, "remind")["state"] == "invited"
    again = api("employer1").post(f"{BASE}/{case_id}/remind")
    assert (again.status_code, again.get_json()["code"]) == (409, "reminded")
    assert api("graduate1").post(f"{BASE}/{case_id}/remind").status_code == 403
    refused = api("employer1").post(f"{BASE}/{case_id}/extend", {"valid_until": "2020-01-01"})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["valid_until"])
