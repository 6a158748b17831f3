"""The API of accounts: contract, order of checks, scope with foreign ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.staff.conftest import PASSWORD, Sent

Api = Callable[..., Any]
Ids = Callable[[str], int]
FIELDS = {
    *("id", "username", "name", "role", "province", "school", "school_name", "department"),
    *("level", "modules", "active", "must_change_password", "last_login", "created_at"),
    *("expires_on", "confirmed_at", "confirm_by"),
}


def test_province_makes_reads_and_changes_a_school_account(api: Api, sent: Sent) -> None:
    caller = api("province11")
    request = sent("school", school="10002", level="postgraduate", modules={"employment": "ro", "archive": "rw"})
    answer = caller.post("/accounts/", request)
    assert answer.status_code == 201, answer.text
    body = answer.get_json()
    account = body["result"]
    assert body["id"] == account["id"]
    assert set(account) == FIELDS | {"password"}
    assert account.pop("password") is None  # it was sent, and is not told again
    assert (account["role"], account["school"], account["level"]) == ("school", "10002", "postgraduate")
    assert account["modules"] == {"employment": "ro", "archive": "rw", "hukou": "none"}
    assert PASSWORD not in answer.text
    own = api(request["username"], PASSWORD).get("/me").get_json()
    assert (own["role"], own["level"], own["modules"]) == ("school", "postgraduate", account["modules"])
    changed = caller.put(f"/accounts/{account['id']}", {"modules": {"employment": "rw"}, "level": "all"})
    assert changed.status_code == 200, changed.text
    assert changed.get_json()["result"]["modules"] == {"employment": "rw", "archive": "rw", "hukou": "none"}
    assert caller.get(f"/accounts/{account['id']}").get_json()["result"]["level"] == "all"


def test_school_makes_a_department_account(api: Api, sent: Sent, departments: list[str]) -> None:
    answer = api("school10001").post("/accounts/", sent("department", school="10001", department=departments[0]))
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["result"]["department"] == departments[0]
    assert answer.get_json()["result"]["level"] == "all"


def test_department_that_is_not_on_the_roster_is_told_with_the_near_matches(
    api: Api, sent: Sent, departments: list[str]
) -> None:
    answer = api("school10001").post("/accounts/", sent("department", department=departments[0] + "一"))
    body = answer.get_json()
    assert answer.status_code == 422
    assert departments[0] in body["near"]
    assert departments[0] in body["errors"]["department"][0]


@pytest.mark.parametrize(
    ("who", "sees", "misses"),
    [
        ("province11", {"province11", "school10001", "school10002", "dept10001a"}, {"school10284", "operator"}),
        ("school10001", {"school10001", "dept10001a", "dept10001b"}, {"school10002", "province11", "operator"}),
        ("operator", {"operator", "province32", "school10284", "employer1", "graduate1"}, set()),
    ],
)
def test_list_holds_the_scope_and_no_more(api: Api, who: str, sees: set[str], misses: set[str]) -> None:
    body = api(who).get("/accounts/?q=(page_size:200)").get_json()
    names = {row["username"] for row in body["result"]}
    assert sees <= names
    assert not misses & names
    assert body["ids"] == [row["id"] for row in body["result"]]
    assert body["count"] >= len(sees)
    if who != "operator":
        assert {row["role"] for row in body["result"]} <= {"province", "school", "department"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("(filters:!((col:username,opr:eq,value:dept10001a)))", {"dept10001a"}),
        ("(filters:!((col:role,opr:eq,value:department),(col:school,opr:eq,value:'10001')),page_size:200)", None),
        ("(filters:!((col:username,opr:ct,value:'10001b')))", {"dept10001b"}),
        ("(filters:!((col:active,opr:eq,value:!f)))", set()),
    ],
)
def test_list_is_searched(api: Api, query: str, names: set[str] | None) -> None:
    answer = api("province11").get(f"/accounts/?q={query}")
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["result"]
    if names is None:
        assert {row["role"] for row in found} == {"department"}
    else:
        assert {row["username"] for row in found} == names


@pytest.mark.parametrize("who", ["dept10001a", "employer1", "graduate1"])
def test_others_have_no_account_management(api: Api, who: str) -> None:
    assert api(who).get("/accounts/").status_code == 403


def test_checks_come_in_order(api: Api, client: Any, sent: Sent, account_id: Ids) -> None:
    province, department, foreign = api("province11"), api("dept10001a"), account_id("school10284")
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/v1/accounts/", data="{", headers=headers).status_code == 400
    assert client.post("/api/v1/accounts/", json={}).status_code == 401
    assert province.put(f"/accounts/{foreign}", {"name": ""}).status_code == 404
    assert department.put(f"/accounts/{account_id('school10001')}", {}).status_code == 404
    assert department.put(f"/accounts/{account_id('dept10001a')}", {"name": ""}).status_code == 403
    assert department.get(f"/accounts/{account_id('dept10001a')}").status_code == 403
    assert province.post("/accounts/", {"role": "school", "school": "10284"}).status_code == 404
    assert province.post("/accounts/", {"role": "province"}).status_code == 403
    taken = {"role": "school", "school": "10002", "username": "school10001"}
    assert province.post("/accounts/", taken).status_code == 409
    assert province.post("/accounts/", {"role": "school", "school": "10002"}).status_code == 422
    assert province.put(f"/accounts/{account_id('school10002')}", {"level": "x"}).status_code == 422


@pytest.mark.parametrize("number", [0, 987654321012])
def test_account_that_is_not_there_looks_like_a_foreign_one(api: Api, account_id: Ids, number: int) -> None:
    foreign = account_id("school10284")
    for caller in (api("province11"), api("school10001")):
        answers = [caller.get(f"/accounts/{one}") for one in (number, foreign)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].get_json() == answers[1].get_json()
        assert caller.put(f"/accounts/{foreign}", {"active": False}).status_code == 404


def test_same_key_makes_one_account(api: Api, sent: Sent) -> None:
    caller, request = api("province11"), sent("school", school="10002")
    headers = {"Idempotency-Key": request["username"]}
    first = caller.post("/accounts/", request, headers=headers)
    again = caller.post("/accounts/", request, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    other = caller.post("/accounts/", {**request, "password": PASSWORD.upper() + "x"}, headers=headers)
    assert other.status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"username": {"a": 1}, "role": ["school"], "school": 10002, "modules": ["rw"], "level": 7, "name": 3},
        {"role": "school", "school": "10002" * 50},
        {"role": "school", "school": "\x00"},
        {"role": "department", "department": "\ud800"},
        {"role": "school", "school": "10002", "username": "x" * 100_000},
        {"modules": {"employment": {"rw": 1}}, "role": "school"},
        [],
        "text",
        None,
    ],
)
def test_odd_bodies_are_refused_in_words(api: Api, body: Any) -> None:
    for who in ("province11", "operator", "school10001"):
        answer = api(who).call("POST", "/accounts/", json=body)
        assert answer.status_code in {400, 403, 404, 422}, answer.text
        assert answer.get_json()["message"]
    answer = api("operator").call("PUT", "/accounts/1", json=body)
    assert answer.status_code in {200, 400, 403, 404, 422}, answer.text
