"""From the outbox to the employment system: once, in order, through every fault; and what review pages read there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from app.base import clock
from app.base.database import session, transaction
from app.ems.destination import pending_destination, signed_destination
from app.ems.queries import ems_view
from app.roster.models import Graduate
from app.workflow import delivery, outbox
from app.workflow.models import OutboxMessage
from tests.fixtures.standin import Standin

UNIT = {"name": "北京云帆数据科技有限公司", "uscc": "91110108MA01A2B3XC", "nature": "39", "industry": "34"}
SIGNED_ON = date(2027, 4, 1)
POSITION = {"category": "13", "region": "110108", "contact": "陈经理", "phone": "010-66668888"}


@pytest.fixture
def graduate(app_context: Flask, ems: Standin, drain: Callable[..., int]) -> Graduate:
    """A graduate of the demonstration who is on both rosters."""
    drain()
    query = select(Graduate).where(Graduate.invalid_since.is_(None)).options(*Graduate.eager_options())
    found = session.scalars(query.order_by(Graduate.id).limit(1)).one()
    session.expunge_all()  # a failed delivery rolls back, which would empty what the session still holds
    return found


def post(graduate: Graduate, destination: dict[str, Any]) -> int:
    """Leave a report in the outbox as an event would; returns its id."""
    with transaction():
        message = outbox.post(
            "ems",
            {"graduate_id": graduate.id, "destination": destination},
            key=f"test:{clock.now().isoformat()}",
            order_key=f"graduate:{graduate.id}",
        )
        session.flush()
        return message.id


def held(ems: Standin, graduate: Graduate) -> dict[str, Any] | None:
    """What is reported there now."""
    address = f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    record = ems.http.get(f"{address}/records/destination").json()["record"]
    return None if record is None else dict(record)


def status_of(message_id: int) -> tuple[str, str | None]:
    """The message's status and last error."""
    with transaction():
        row = session.get(OutboxMessage, message_id, populate_existing=True)
        assert row is not None
        return row.status, row.last_error


def test_a_report_arrives_with_all_fields(ems: Standin, graduate: Graduate) -> None:
    message_id = post(graduate, signed_destination(UNIT, POSITION, SIGNED_ON))
    assert delivery.deliver(message_id)
    found = held(ems, graduate)
    assert found is not None
    assert found["label"] == "签就业协议形式就业"
    assert found["employer"] == UNIT["name"]
    assert found["sequence"] == message_id
    second = post(graduate, pending_destination())
    assert delivery.deliver(second)
    found = held(ems, graduate)
    assert found is not None
    assert (found["code"], found["label"], found["employer"]) == ("70", "待就业", None)


@pytest.mark.parametrize("mode", ["down", "500", "garbage", "lost"])
def test_a_fault_keeps_the_report_and_the_next_try_has_one_effect(ems: Standin, graduate: Graduate, mode: str) -> None:
    told = {**signed_destination(UNIT, POSITION, SIGNED_ON), "employer": f"单位 {mode}"}
    message_id = post(graduate, told)
    ems.fault(mode)
    assert not delivery.deliver(message_id)
    status, error = status_of(message_id)
    assert status == "queued"
    assert error
    assert "EmsUnavailable" in error
    ems.fault("none")
    _close_breaker()
    assert delivery.deliver(message_id)
    assert not delivery.deliver(message_id), "a done message is not delivered again"
    address = f"{ems.url}/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    assert httpx.get(address).text.count(f"单位 {mode}") == 2, "once as held now, once in the history"


def test_a_long_outage_makes_no_dead_letter(ems: Standin, graduate: Graduate) -> None:
    message_id = post(graduate, pending_destination())
    ems.fault("down")
    for attempts in (delivery.MAX_ATTEMPTS - 1, 40):
        with transaction():
            row = session.get(OutboxMessage, message_id)
            assert row is not None
            row.attempts = attempts
        assert not delivery.deliver(message_id)
        assert status_of(message_id)[0] == "queued"
    ems.fault("none")
    _close_breaker()
    assert delivery.deliver(message_id)


def test_the_same_message_run_twice_has_one_effect(ems: Standin, graduate: Graduate) -> None:
    """A worker killed after the call and before its commit: the message is delivered anew."""
    message_id = post(graduate, {**pending_destination(), "label": "待就业 twice"})
    for _again in range(2):
        with transaction():
            row = session.get(OutboxMessage, message_id, populate_existing=True)
            assert row is not None
            row.status = "queued"
        assert delivery.deliver(message_id)
    address = f"{ems.url}/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    assert httpx.get(address).text.count("待就业 twice") == 2, "once as held now, once in the history"


def test_a_later_report_waits_for_the_earlier_one(ems: Standin, graduate: Graduate) -> None:
    first = post(graduate, signed_destination(UNIT, POSITION, SIGNED_ON))
    second = post(graduate, pending_destination())
    assert not delivery.deliver(second)
    assert delivery.deliver(first)
    assert delivery.deliver(second)
    found = held(ems, graduate)
    assert found is not None
    assert found["code"] == "70"


def test_a_refusal_becomes_a_dead_letter_and_can_be_retried(ems: Standin, graduate: Graduate) -> None:
    message_id = post(graduate, {**pending_destination(), "code": None})
    assert not delivery.deliver(message_id)
    status, error = status_of(message_id)
    assert status == "failed"
    assert "code" in str(error)
    with transaction():
        row = session.get(OutboxMessage, message_id)
        assert row is not None
        row.payload = {**row.payload, "destination": pending_destination()}
    assert delivery.retry([message_id]) == 1
    assert delivery.deliver(message_id)


def test_the_view_shows_the_other_copy_and_marks_differences(ems: Standin, graduate: Graduate) -> None:
    before = ems.calls()
    view = ems_view(graduate)
    assert ems.calls() == before + 1, "one request for one page"
    assert view["available"]
    assert view["differences"] == []
    assert view["student"]["name"] == graduate.name
    assert "*" in view["student"]["id_number"]
    assert graduate.id_number not in json.dumps(view)
    address = f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    last = "1" if graduate.id_number[13] != "1" else "2"
    changed = graduate.id_number[:13] + last + graduate.id_number[14:]
    ems.http.patch(address, json={"sex": "2" if graduate.sex == "1" else "1", "id_number": changed}).raise_for_status()
    found = {row["field"]: row for row in ems_view(graduate)["differences"]}
    assert set(found) == {"sex", "id_number"}
    assert {found["sex"]["ours"], found["sex"]["theirs"]} == {"男", "女"}
    assert found["sex"]["refreshable"]
    assert not found["id_number"]["refreshable"]
    assert found["id_number"]["ours"] != found["id_number"]["theirs"]
    assert found["id_number"]["theirs"][13] == last
    ems.http.patch(address, json={"sex": graduate.sex, "id_number": graduate.id_number}).raise_for_status()


def test_the_view_does_without_a_system_that_is_down(ems: Standin, graduate: Graduate) -> None:
    ems.fault("down")
    view = ems_view(graduate)
    assert (view["available"], view["student"], view["differences"]) == (False, None, [])
    assert "暂时无法获取" in view["message"]
    assert view["url"].endswith(f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}")
    _close_breaker()


def _close_breaker() -> None:
    from app.ems.client import ems as client

    client().channel.breaker.succeeded()
