"""W4 through the API, by each side, with everything that may not be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.database import session
from tests.termination.stage import BY_GRADUATE, BY_UNIT, FORCE, REJECT, TerminationStage

Api = Callable[..., Any]
BASE = "/online_termination"
CASE = {
    *("id", "workflow", "state", "label", "cohort", "graduate", "employer", "number", "data"),
    *("version", "attachments", "events", "history", "created_at", "updated_at", "external_id"),
    *("due", "delivery"),
}
CONCERNED = ("employer1", "employer1b", "graduate1", "dept10001a", "school10001", "province11", "operator")
FOREIGN = ("employer2", "school10002", "dept10001b", "province32", "graduate3")


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def signing(app: Flask) -> int:
    """A signed agreement of graduate1 with employer1."""
    with app.app_context():
        found = TerminationStage().sign().id
        session.remove()
        return found


@pytest.fixture
def press(api: Api) -> Callable[..., dict[str, Any]]:
    """A function: press("employer1", 5, "agree") fires an event and returns the CASE."""

    def fire(who: str, case_id: int, event: str, **data: Any) -> dict[str, Any]:
        answer = api(who).post(f"{BASE}/{case_id}/{event}", data)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json()["result"])

    return fire


def _start(api: Api, who: str, signing: int, **data: Any) -> int:
    answer = api(who).post(f"{BASE}/", {"signing_id": signing, **data})
    assert answer.status_code == 201, answer.text
    body = answer.get_json()
    assert body["id"] == body["result"]["id"]
    return int(body["id"])


def test_whole_story_from_the_graduate(api: Api, signing: int, press: Any, drain: Any) -> None:
    case_id = _start(api, "graduate1", signing, **BY_GRADUATE)
    seen = {name: api(name).get(f"{BASE}/{case_id}").get_json()["result"] for name in CONCERNED}
    offered = {
        "employer1": ["agree", "refuse"],
        "employer1b": ["agree", "refuse"],
        "graduate1": ["withdraw"],
        "school10001": ["force"],
    }
    assert {name: case["events"] for name, case in seen.items()} == {name: offered.get(name, []) for name in CONCERNED}
    case = seen["employer1"]
    assert set(case) == CASE
    assert (case["state"], case["label"]) == ("waiting_employer", "学生发起解约，等待单位应约")
    assert case["data"] == {"signing_id": signing, **BY_GRADUATE}
    assert case["number"] == api("employer1").get(f"/online_signing/{signing}").get_json()["result"]["number"]
    assert press("employer1b", case_id, "agree")["label"] == "已同意解约，等待学院审核"
    assert press("dept10001a", case_id, "approve", note="属实")["state"] == "school_review"
    case = press("school10001", case_id, "approve")
    assert (case["state"], case["label"]) == ("approved", "解约审核通过（已解约）")
    assert [step["event"] for step in case["history"]] == ["start", "agree", "approve", "approve"]
    ended = api("graduate1").get(f"/online_signing/{signing}").get_json()["result"]
    assert (ended["state"], ended["label"], ended["history"][-1]["role"]) == ("terminated", "已解约", "system")
    drain()
    held = api("school10001").get(f"/graduates/{case['graduate']['id']}").get_json()["result"]
    assert held["ems"]["destination"]["code"] == "70"
    texts = [one["text"] for one in api("graduate1").get("/notifications/").get_json()["result"]]
    assert any("不再生效" in text for text in texts)
    asked = [one for one in api("employer1").get("/notifications/").get_json()["result"] if one["event"] == "start"]
    assert "其他去向，另有去向" in asked[0]["text"]
    assert (asked[0]["workflow"], asked[0]["case_id"]) == ("online_termination", case_id)


def test_whole_story_from_the_unit(api: Api, signing: int, press: Any) -> None:
    case_id = _start(api, "employer1", signing, **BY_UNIT)
    case = api("graduate1").get(f"{BASE}/{case_id}").get_json()["result"]
    assert (case["label"], case["events"]) == ("单位发起解约，等待学生应约", ["agree", "refuse"])
    assert press("graduate1", case_id, "refuse", reason="已搬到当地")["label"] == "学生拒绝解约（解约失败）"
    again = _start(api, "employer1b", signing, **BY_UNIT)
    press("graduate1", again, "agree")
    case = press("dept10001a", again, "reject", **REJECT)
    assert (case["state"], case["history"][-1]["reason"]) == ("rejected", REJECT["reason"])
    third = _start(api, "employer1", signing, **BY_UNIT)
    assert press("employer1", third, "withdraw")["state"] == "withdrawn"
    assert api("employer1").get(f"{BASE}/").get_json()["ids"] == [third, again, case_id]


def test_force_is_for_the_school_alone(api: Api, signing: int, press: Any) -> None:
    case_id = _start(api, "graduate1", signing, **BY_GRADUATE)
    for who, status in (("dept10001a", 403), ("province11", 403), ("employer1", 403), ("school10002", 404)):
        assert api(who).post(f"{BASE}/{case_id}/force", FORCE).status_code == status, who
    refused = api("school10001").post(f"{BASE}/{case_id}/force", {})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["explanation"])
    assert press("school10001", case_id, "force", **FORCE)["label"] == "强制解约（已解约）"
    assert api("school10001").post(f"{BASE}/{case_id}/force", FORCE).status_code == 409


def test_first_failing_check_answers(api: Api, signing: int) -> None:
    """404 scope, 403 role, 409 rule, 422 fields, in this order."""
    body = {"signing_id": signing, **BY_GRADUATE}
    for who in FOREIGN:
        assert api(who).post(f"{BASE}/", body).status_code == 404, who
    for who in ("school10001", "dept10001a", "province11", "operator"):
        assert api(who).post(f"{BASE}/", body).status_code == 403, who
        assert api(who).post(f"{BASE}/", {}).status_code == 403, who
    wrong = api("graduate1").post(f"{BASE}/", {"signing_id": signing})
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (422, ["reason_code"])
    assert api("graduate1").post(f"{BASE}/", {"reason_code": "16"}).status_code == 422
    case_id = _start(api, "employer1", signing, **BY_UNIT)
    second = api("graduate1").post(f"{BASE}/", {"signing_id": signing})
    assert (second.status_code, second.get_json()["code"]) == (409, "termination_open")
    assert api("employer1").post(f"{BASE}/{case_id}/agree").status_code == 409
    assert api("employer1").post(f"{BASE}/{case_id}/approve").status_code == 403
    assert api("employer1").post(f"{BASE}/{case_id}/nothing").status_code == 404
    assert api("school10001").post(f"/online_signing/{signing}/void", {"reason": "x"}).get_json()["code"] == (
        "termination_open"
    )


def test_nobody_else_knows_of_it(api: Api, signing: int) -> None:
    case_id = _start(api, "graduate1", signing, **BY_GRADUATE)
    for who in FOREIGN:
        caller = api(who)
        assert caller.get(f"{BASE}/{case_id}").status_code == 404
        assert caller.get(f"{BASE}/").get_json()["ids"] == []
        for event in ("agree", "refuse", "withdraw", "approve", "reject", "force"):
            assert caller.post(f"{BASE}/{case_id}/{event}", {**REJECT, **FORCE}).status_code == 404
            bulk = caller.post(f"{BASE}/bulk/{event}", {"ids": [case_id], **REJECT, **FORCE})
            assert bulk.status_code == 403 or [one["code"] for one in bulk.get_json()["result"]] == ["not_found"]
    for who in CONCERNED:
        assert api(who).get(f"{BASE}/{case_id}").status_code == 200
        assert api(who).get(f"{BASE}/").get_json()["ids"] == [case_id]


def test_same_key_starts_once(api: Api, signing: int) -> None:
    body, key = {"signing_id": signing, **BY_UNIT}, {"Idempotency-Key": "termination-1"}
    answers = [api("employer1").post(f"{BASE}/", body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json()["id"] == answers[1].get_json()["id"]


def test_limit_follows_the_setting(api: Api, signing: int, press: Any) -> None:
    """PUT of the school's setting at work in the next start (R3.4)."""
    for number in range(2):
        case_id = _start(api, "graduate1", signing, **BY_GRADUATE)
        press("employer1" if number else "graduate1", case_id, "refuse" if number else "withdraw")
    body = {"signing_id": signing, **BY_GRADUATE}
    refused = api("graduate1").post(f"{BASE}/", body)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "termination_limit")
    assert api("school10001").put("/settings/school", {"max_terminations": 3}).status_code == 200
    assert api("graduate1").post(f"{BASE}/", body).status_code == 201


def test_bulk_review_and_export(api: Api, signing: int, press: Any) -> None:
    case_id = _start(api, "graduate1", signing, **BY_GRADUATE)
    press("employer1", case_id, "agree")
    press("dept10001a", case_id, "approve")
    answer = api("school10001").post(f"{BASE}/bulk/approve", {"ids": [case_id, 10**9]})
    assert [one["ok"] for one in answer.get_json()["result"]] == [True, False]
    assert api("school10001").get(f"{BASE}/export").status_code == 200
