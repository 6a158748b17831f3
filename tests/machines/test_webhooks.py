"""Webhooks: the Standard Webhooks specification over a real receiver, which fails in every way that receivers fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.base import clock
from app.base.database import session, transaction
from app.machines.webhooks import guards, services
from app.workflow import delivery
from tests.fixtures.outbox import run_jobs
from tests.machines.receiver import Receiver
from tests.signing.stage import fire, invite, user

Hooked = Callable[..., int]


@pytest.fixture(autouse=True)
def fresh(fresh_database: str, app_context: Flask) -> None:
    """Nothing was told before."""


@pytest.fixture
def tell(app: Flask) -> Callable[..., None]:
    """What the clock and the workers do: tell what has happened, and send what is due."""

    def go() -> None:
        services.publish_waiting()
        with transaction():
            session.execute(text("DELETE FROM outbox WHERE kind NOT IN ('webhook', 'personal', 'event')"))
        delivery.sweep()
        run_jobs(app)
        session.rollback()

    return go


def later(**span: float) -> Any:
    return time_machine.travel(clock.now() + timedelta(**span), tick=True)


def test_the_message_is_as_the_contract_says(hooked: Hooked, receiver: Receiver, tell: Any, api: Any) -> None:
    hook = hooked("employer1", "online_signing.*")
    case = invite(user("employer1"), user("graduate1"))
    fire(case, "withdraw", user("employer1"), reason="岗位取消")
    tell()
    assert receiver.wrong == []
    assert receiver.states_of(case.id) == ["invited", "withdrawn"]
    _id, body = receiver.got[1]
    assert set(body) == {"type", "timestamp", "data"}
    assert body["type"] == "online_signing.withdrawn"
    assert body["data"] == {
        "workflow": "online_signing",
        "case_id": case.id,
        "state": "withdrawn",
        "from": "invited",
        "event": "withdraw",
        "graduate_id": case.graduate_id,
        "external_id": None,
        "version": case.version,
    }
    unit = api("employer1")
    log = unit.get(f"/webhooks/{hook}/deliveries/").get_json()["result"]
    assert [(row["state"], row["status"], row["attempts"]) for row in log] == [("delivered", 204, 1)] * 2
    assert unit.get("/events").get_json()["result"][-1]["id"] == receiver.ids[1] == log[0]["message"]


def test_a_test_message_and_a_redelivery(hooked: Hooked, receiver: Receiver, tell: Any, api: Any) -> None:
    hook, unit = hooked("employer1", "online_signing.invited"), api("employer1")
    tried = unit.post(f"/webhooks/{hook}/test")
    assert tried.status_code == 202
    tell()
    assert [body["type"] for _id, body in receiver.got] == ["webhook.test"]
    case = invite(user("employer1"), user("graduate1"))
    fire(case, "withdraw", user("employer1"), reason="岗位取消")
    tell()
    assert receiver.states_of(case.id) == ["invited"]
    number = unit.get(f"/webhooks/{hook}/deliveries/").get_json()["ids"][0]
    assert unit.post(f"/webhooks/{hook}/deliveries/{number}/redeliver").status_code == 202
    tell()
    assert receiver.ids[-1] == receiver.ids[-2]
    assert api("employer2").post(f"/webhooks/{hook}/deliveries/{number}/redeliver").status_code == 404
    assert api("employer2").get(f"/webhooks/{hook}").status_code == 404
    assert unit.delete(f"/webhooks/{hook}").status_code == 200
    invite(user("employer1"), user("graduate2"))
    tell()
    assert len(receiver.got) == 3


@pytest.mark.parametrize("fault", ["error", "moved", "drop", "hang"])
def test_a_receiver_that_fails_gets_everything_in_order(
    hooked: Hooked, receiver: Receiver, tell: Any, api: Any, fault: str
) -> None:
    hook = hooked("employer1", "online_signing.*")
    receiver.fault = fault
    cases = [invite(user("employer1"), user(name)) for name in ("graduate1", "graduate2")]
    tell()
    fire(cases[0], "withdraw", user("employer1"), reason="岗位取消")
    tell()
    assert receiver.tried == 1  # the others wait while it rests
    if fault != "drop":
        assert receiver.got == []
    shown = api("employer1").get(f"/webhooks/{hook}").get_json()["result"]
    assert shown["failing_since"]
    with later(hours=1):
        tell()
        receiver.fault = "none"
    with later(hours=2):
        tell()
        tell()
    assert receiver.states_of(cases[0].id) == ["invited", "withdrawn"]
    assert receiver.states_of(cases[1].id) == ["invited"]
    assert len(set(receiver.ids)) == 3
    assert receiver.wrong == []
    log = api("employer1").get(f"/webhooks/{hook}/deliveries/").get_json()["result"]
    assert {row["state"] for row in log} == {"delivered"}


def test_after_three_days_it_is_switched_off_told_and_gets_the_rest_later(
    hooked: Hooked, receiver: Receiver, tell: Any, api: Any, sql: Any
) -> None:
    hook, unit = hooked("employer1", "online_signing.*"), api("employer1")
    receiver.fault = "error"
    case = invite(user("employer1"), user("graduate1"))
    tell()
    with later(days=2):
        tell()
        assert sql.execute("SELECT active FROM webhooks").fetchone() == (True,)
    with later(days=3, hours=2):
        tell()
        tell()
    shown = unit.get(f"/webhooks/{hook}").get_json()["result"]
    assert not shown["active"]
    assert shown["off_at"]
    told = sql.execute("SELECT title, text FROM notifications ORDER BY id DESC LIMIT 1").fetchone()
    assert told[0] == "事件推送已停用"
    fire(case, "withdraw", user("employer1"), reason="岗位取消")
    tell()
    receiver.fault = "none"
    assert unit.put(f"/webhooks/{hook}", {"active": True}).status_code == 200
    tell()
    tell()
    assert receiver.states_of(case.id) == ["invited", "withdrawn"]


def test_nobody_hears_of_others(hooked: Hooked, receiver: Receiver, tell: Any, api: Any) -> None:
    hooked("school10002", "online_signing.*")
    theirs, own = invite(user("employer1"), user("graduate1")), invite(user("employer1"), user("graduate7"))
    tell()
    assert receiver.states_of(theirs.id) == []
    assert receiver.states_of(own.id) == ["invited"]
    for name, case, count in (("school10002", theirs, 0), ("school10001", theirs, 1), ("employer2", own, 0)):
        found = [one for one in api(name).get("/events").get_json()["result"] if one["data"]["case_id"] == case.id]
        assert len(found) == count, name


def test_wrong_events_and_addresses_inside_are_refused(api: Any, receiver: Receiver, change_settings: Any) -> None:
    unit = api("employer1")
    for pattern in ("nothing.*", "online_signing.nowhere", "online_signing", "destination.*"):
        answer = unit.post("/webhooks/", {"url": receiver.url, "events": [pattern]})
        assert answer.status_code == 422, pattern
    change_settings(environ={})
    for url in (
        receiver.url,
        "http://localhost:9/x",
        "https://localhost/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "http://8.8.8.8/x",
        "https://user:pass@8.8.8.8/x",
        "ftp://8.8.8.8/x",
        "file:///etc/passwd",
        "https://",
        "nonsense",
    ):
        answer = unit.post("/webhooks/", {"url": url, "events": ["online_signing.*"]})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["url"]), url
    assert unit.post("/webhooks/", {"url": "https://8.8.8.8/x", "events": ["online_signing.*"]}).status_code == 201


def test_the_address_is_looked_at_again_before_each_call(
    hooked: Hooked, receiver: Receiver, tell: Any, api: Any, change_settings: Any
) -> None:
    """What was outside when it was set up may be inside a moment later."""
    hook = hooked("employer1", "online_signing.*")
    change_settings(environ={})
    invite(user("employer1"), user("graduate1"))
    tell()
    assert receiver.tried == 0
    row = api("employer1").get(f"/webhooks/{hook}/deliveries/").get_json()["result"][0]
    assert (row["state"], row["status"], row["error"]) == ("waiting", None, guards.INSIDE)


def test_a_key_hears_no_more_than_it_reads(api: Any, receiver: Receiver, client: Any) -> None:
    scopes = ["webhooks:write", "online_signing:read"]
    key = api("school10001").post("/api_keys/", {"name": "钩子", "scopes": scopes}).get_json()["result"]["key"]

    def ask(events: list[str]) -> Any:
        body = {"url": receiver.url, "events": events}
        return client.post("/api/v1/webhooks/", json=body, headers={"Authorization": f"Bearer {key}"})

    assert ask(["destination.*"]).status_code == 422
    answer = ask(["*"])
    assert (answer.status_code, answer.get_json()["result"]["events"]) == (201, ["online_signing.*"])
    got = client.get("/api/v1/events", headers={"Authorization": f"Bearer {key}"})
    assert got.status_code == 200
    assert {one["data"]["workflow"] for one in got.get_json()["result"]} <= {"online_signing"}


def test_no_secret_stands_in_the_database(hooked: Hooked, receiver: Receiver, sql: Any) -> None:
    hooked("employer1", "online_signing.*")
    kept = json.dumps(sql.execute("SELECT webhooks::text FROM webhooks").fetchall())
    assert receiver.secret not in kept
    assert receiver.secret.removeprefix("whsec_")[:20] not in kept
