"""`warnings/` of the API: contract, order of checks, scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flags.conftest import STRANGE, Sent

Api = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("fresh_database")


def test_a_school_marks_reads_changes_and_takes_back(api: Api, sent: Sent) -> None:
    caller = api("school10001")
    made = caller.post("/warnings/", sent())
    assert made.status_code == 201, made.text
    body = made.get_json()
    assert body["id"] == body["result"]["id"]
    assert {name: body["result"][name] for name in sent()} == sent()
    listed = caller.get("/warnings/").get_json()
    assert (listed["count"], listed["ids"], listed["result"]) == (1, [body["id"]], [body["result"]])
    assert caller.get(f"/warnings/?q=(filters:!((col:uscc,opr:eq,value:'{STRANGE}')))").get_json()["count"] == 0
    changed = caller.put(f"/warnings/{body['id']}", {"kinds": ["3"]})
    assert changed.status_code == 200, changed.text
    assert changed.get_json()["result"]["kinds"] == ["3"]
    assert caller.get(f"/warnings/{body['id']}").get_json()["result"]["reason"] == sent()["reason"]
    assert caller.delete(f"/warnings/{body['id']}").status_code == 200
    assert caller.get(f"/warnings/{body['id']}").status_code == 404
    assert caller.get("/warnings/").get_json()["count"] == 0


def test_checks_come_in_order(api: Api, client: Any, sent: Sent) -> None:
    own, other = api("school10001"), api("school10002")
    number = own.post("/warnings/", sent()).get_json()["id"]
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/v1/warnings/", data="{", headers=headers).status_code == 400
    assert client.post("/api/v1/warnings/", json={}).status_code == 401
    for method in ("GET", "PUT", "DELETE"):
        for who in ("school10002", "dept10001a", "employer1", "graduate1", "province11"):
            assert api(who).call(method, f"/warnings/{number}", json={}).status_code == 404, (method, who)
    for who in ("dept10001a", "employer1", "graduate1", "province11", "operator"):
        assert api(who).post("/warnings/", {}).status_code == 403, who
        assert api(who).get("/warnings/").status_code == 403, who
    assert own.post("/warnings/", {"uscc": sent()["uscc"]}).status_code == 409
    wrong = own.post("/warnings/", {"uscc": "1"})
    assert wrong.status_code == 422
    assert set(wrong.get_json()["errors"]) == {"uscc", "name", "kinds", "reason"}
    assert own.put(f"/warnings/{number}", {"kinds": []}).status_code == 422
    assert other.get("/warnings/").get_json()["count"] == 0


def test_the_same_key_marks_once(api: Api, sent: Sent) -> None:
    caller, headers = api("school10001"), {"Idempotency-Key": "mark-1"}
    first, again = (caller.post("/warnings/", sent(), headers=headers) for _ in range(2))
    assert (first.status_code, first.get_json()) == (201, again.get_json())


@pytest.mark.parametrize("body", [[], "text", None, {"kinds": {"a": 1}, "uscc": 5, "name": ["x"], "reason": True}])
def test_odd_bodies_are_refused_in_words(api: Api, body: Any) -> None:
    answer = api("school10001").call("POST", "/warnings/", json=body)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.get_json()["message"]
