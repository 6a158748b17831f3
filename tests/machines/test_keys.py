"""API keys: made once, kept as a digest, acting in the place of their maker within their scopes (and never beyond them)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.base import clock
from tests.fixtures.application import Api
from tests.fixtures.pages import letter

Ask = Callable[..., TestResponse]


def made(api: Api, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = api.post("/api_keys/", {"name": "教务系统", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()["result"]
    return found


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """A call with a key in the place of a token."""

    def call(key: str, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {key}"}
        return client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    return call


def test_a_key_is_told_once_and_kept_as_a_digest(api: Any, ask: Ask, sql: Any) -> None:
    school = api("school10001")
    result = made(school, "graduates:read", "graduates:read", addresses=["127.0.0.1/8"])
    assert result["key"].startswith("wqk_")
    assert result["key"].startswith(result["mark"])
    assert result["scopes"] == ["graduates:read"]
    assert result["addresses"] == ["127.0.0.0/8"]
    listed = school.get("/api_keys/").get_json()["result"][0]
    assert "key" not in listed
    assert listed["used_at"] is None
    assert ask(result["key"], "GET", "/graduates/").status_code == 200
    assert school.get(f"/api_keys/{result['id']}").get_json()["result"]["used_from"] == "127.0.0.1"
    kept = sql.execute("SELECT api_keys::text FROM api_keys").fetchone()[0]
    assert result["key"] not in kept


def test_wrong_scopes_names_and_addresses_are_told(api: Any) -> None:
    school = api("school10001")
    wrong = {"name": "", "scopes": ["graduates:fly"], "addresses": ["here"], "expires_on": "2020-01-01"}
    answer = school.post("/api_keys/", wrong)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"name", "addresses.0", "expires_on"}
    for scope in ("graduates:decide", "security:write", "api_keys:write", "me:write", "nothing:read"):
        answer = school.post("/api_keys/", {"name": "x", "scopes": [scope]})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["scopes"]), scope


def test_graduates_and_departments_make_none(api: Any) -> None:
    for name in ("graduate1", "dept10001a"):
        assert api(name).post("/api_keys/", {"name": "x", "scopes": ["online_signing:read"]}).status_code == 403


def test_a_key_does_not_manage_keys_nor_the_account(api: Any, ask: Ask) -> None:
    key = made(api("school10001"), "graduates:read", "graduates:write")["key"]
    assert ask(key, "GET", "/me").get_json()["username"] == "school10001"
    assert ask(key, "GET", "/dictionaries/sex").status_code == 200
    for method, path in (
        ("GET", "/api_keys/"),
        ("POST", "/api_keys/"),
        ("POST", "/me/totp"),
        ("PUT", "/me/password"),
        ("POST", "/me/code"),
        ("POST", "/me/confirm"),
        ("GET", "/me/data"),
        ("POST", "/security/logout"),
    ):
        answer = ask(key, method, path, **({} if method == "GET" else {"json": {}}))
        assert (answer.status_code, answer.get_json()["code"]) == (403, "closed_to_keys"), path


def test_replaced_keys_live_a_day_more(api: Any, ask: Ask) -> None:
    school = api("school10001")
    first = made(school, "graduates:read")
    answer = school.post(f"/api_keys/{first['id']}/rotate")
    assert answer.status_code == 201
    second = answer.get_json()["result"]
    assert second["key"] != first["key"]
    for hours, expected in ((23, 200), (25, 401)):
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=True):
            assert ask(first["key"], "GET", "/graduates/").status_code == expected
            assert ask(second["key"], "GET", "/graduates/").status_code == 200


def test_keys_end(api: Any, ask: Ask, sql: Any) -> None:
    school = api("school10001")
    short = made(school, "graduates:read", expires_on=clock.today().isoformat())["key"]
    assert ask(short, "GET", "/graduates/").status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
        assert ask(short, "GET", "/graduates/").status_code == 401
    gone = made(school, "graduates:read")
    assert school.delete(f"/api_keys/{gone['id']}").status_code == 200
    assert ask(gone["key"], "GET", "/graduates/").status_code == 401
    assert ask("wqk_nothing", "GET", "/graduates/").status_code == 401
    far = made(school, "graduates:read", addresses=["203.0.113.0/24"])["key"]
    answer = ask(far, "GET", "/graduates/")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "address_not_allowed")


def test_a_key_dies_with_the_account_and_loses_what_it_loses(fresh_database: str, api: Any, ask: Ask, sql: Any) -> None:
    key = made(api("school10002"), "graduates:read", "online_signing:read")["key"]
    assert ask(key, "GET", "/online_signing/").status_code == 200
    sql.execute("""UPDATE accounts SET modules = modules || '{"employment": "none"}' WHERE name LIKE '%'""")
    assert ask(key, "GET", "/online_signing/").status_code == 403
    sql.execute("UPDATE ab_user SET active = false WHERE username = 'school10002'")
    assert ask(key, "GET", "/graduates/").status_code == 401


def test_rows_of_others_stay_theirs(api: Any, ask: Ask) -> None:
    key = made(api("school10002"), "graduates:read", "online_signing:read")["key"]
    own = {row["id"] for row in api("school10002").get("/graduates/").get_json()["result"]}
    other = {row["id"] for row in api("school10001").get("/graduates/").get_json()["result"]}
    seen = {row["id"] for row in ask(key, "GET", "/graduates/").get_json()["result"]}
    assert seen == own
    assert not seen & other
    assert ask(key, "GET", f"/graduates/{min(other)}").status_code == 404
    theirs = made(api("school10001"), "graduates:read")
    assert api("school10002").get(f"/api_keys/{theirs['id']}").status_code == 404
    assert api("school10002").delete(f"/api_keys/{theirs['id']}").status_code == 404


def test_history_and_trail_name_the_key(api: Any, ask: Ask, sql: Any, actor_of: Any, app: Flask) -> None:
    """Writing invites and takes back; it neither starts a termination nor answers one."""
    result = made(api("employer1"), "online_signing:write", "online_termination:write")
    graduate = actor_of("graduate1").graduate_id
    body = {"graduate_ids": [graduate], **letter()}
    answer = ask(result["key"], "POST", "/online_signing/", json=body)
    assert answer.status_code == 201, answer.text
    case = answer.get_json()["result"]["created"][0]
    step = case["history"][0]
    assert result["mark"] in step["actor"]
    assert "教务系统" in step["actor"]
    assert step["role"] == "employer"
    assert case["events"] == ["remind", "extend", "withdraw"]
    assert ask(result["key"], "GET", f"/online_signing/{case['id']}").status_code == 403
    refused = ask(result["key"], "POST", "/online_termination/", json={"signing_id": case["id"], "reason": "x"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "scope")
    assert "online_termination:decide" in refused.get_json()["message"]
    assert (
        ask(result["key"], "POST", f"/online_signing/{case['id']}/withdraw", json={"reason": "岗位取消"}).status_code
        == 200
    )
    lines = sql.execute("SELECT actor, action FROM audit_lines WHERE actor LIKE %s", [f"%{result['mark']}%"]).fetchall()
    assert all(actor.startswith("employer1 ") for actor, _action in lines)
    made_by = sql.execute("SELECT actor, detail FROM audit_lines WHERE action = 'key_made' ORDER BY id DESC").fetchone()
    assert made_by[0] == "employer1"
    assert made_by[1]["key"] == result["mark"]


def test_reviewing_needs_decide(api: Any, ask: Ask) -> None:
    reads = made(api("school10001"), "online_signing:read", "online_signing:write")["key"]
    for path in ("/online_signing/1/approve", "/online_signing/bulk/approve", "/online_signing/1/void"):
        answer = ask(reads, "POST", path, json={"ids": [1]})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "scope"), path
    decides = made(api("school10001"), "online_signing:decide")["key"]
    assert ask(decides, "POST", "/online_signing/999999/approve", json={}).status_code == 404
    assert ask(decides, "POST", "/online_signing/bulk/approve", json={"ids": [999999]}).status_code == 200


def test_masked_data_stay_masked_for_keys_that_only_read(api: Any, ask: Ask) -> None:
    for scopes, expected in ((("graduates:read",), 403), (("graduates:read", "graduates:write"), 200)):
        key = made(api("school10001"), *scopes)["key"]
        path = "/graduates/export?format=csv&reveal=identity"
        assert ask(key, "GET", path).status_code == expected, scopes
        assert ask(key, "GET", "/graduates/export?format=csv").status_code == 200
