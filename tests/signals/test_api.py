"""Signals for programs: what a reader's scope shows, and what the own office says, by token and by key (B7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.database import session
from app.machines.keys import services as keys
from app.signals.models import Signal
from tests.signals.stage import accepted, look_over, register_says, signal_of, unit_of
from tests.signing.stage import user

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")


@pytest.fixture
def signal() -> Signal:
    """A unit that was struck off, with records of graduates of two schools."""
    cases = accepted(1, 7)
    register_says(unit_of(), "注销")
    look_over(*cases)
    session.commit()
    return signal_of("not_in_business")


def test_list_and_one_in_scope(signal: Signal, api: Callable[..., Any]) -> None:
    school = api("school10001")
    listed = school.get("/signals/", query_string={"rule": "not_in_business", "page_size": 1}).get_json()
    assert listed["ids"] == [signal.id]
    assert listed["result"][0]["state"] == "new"
    whole = school.get(f"/signals/{signal.id}").get_json()["result"]
    assert (len(whole["records"]), whole["outside"], whole["marks"]) == (1, None, [])
    assert str(unit_of().uscc) in whole["units"]
    assert school.get("/signals/", query_string={"state": "closed"}).get_json()["count"] == 0
    assert school.get("/signals/", query_string={"state": "odd"}).status_code == 400
    for stranger in ("school10284", "province32"):
        assert api(stranger).get(f"/signals/{signal.id}").status_code == 404
        assert api(stranger).get("/signals/").get_json()["count"] == 0
    for nobody in ("employer1", "graduate1"):
        assert api(nobody).get("/signals/").status_code == 403


def test_an_office_says_what_it_holds_of_it(signal: Signal, api: Callable[..., Any]) -> None:
    school = api("school10001")
    assert school.post(f"/signals/{signal.id}/mark", {"verdict": "maybe"}).status_code == 422
    marked = school.post(f"/signals/{signal.id}/mark", {"verdict": "confirmed", "note": "已注销"})
    assert marked.get_json()["result"]["state"] == "confirmed"
    assert [one["note"] for one in marked.get_json()["result"]["marks"]] == ["已注销"]
    found = school.get("/signals/", query_string={"state": "confirmed"}).get_json()
    assert found["ids"] == [signal.id]
    assert api("school10002").get(f"/signals/{signal.id}").get_json()["result"]["state"] == "new"
    effect = {one["rule"]: one for one in school.get("/signals/effects").get_json()["result"]}
    assert effect["not_in_business"]["confirmed"] == 1
    assert api("school10284").post(f"/signals/{signal.id}/mark", {"verdict": "false"}).status_code == 404


def test_a_key_needs_the_scope_to_decide(signal: Signal, app: Flask) -> None:
    offered = {"signals:read", "signals:decide"}
    sent = {"name": "k", "scopes": ["signals:read"]}
    _row, reads = keys.make_key(sent, offered=offered, actor=user("school10001"))
    _row, decides = keys.make_key({**sent, "scopes": sorted(offered)}, offered=offered, actor=user("school10001"))
    session.commit()
    client, path = app.test_client(), f"/api/v1/signals/{signal.id}"

    def ask(key: str, method: str, more: str = "") -> int:
        headers = {"Authorization": f"Bearer {key}"}
        body = {"json": {"verdict": "pending"}} if method == "POST" else {}
        return client.open(path + more, method=method, headers=headers, **body).status_code  # type: ignore[arg-type]

    assert ask(reads, "GET") == 200
    assert ask(reads, "POST", "/mark") == 403
    assert ask(decides, "POST", "/mark") == 200
