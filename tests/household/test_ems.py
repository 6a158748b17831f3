"""Approved records go to the employment system at once, and what is changed there comes back (R4.9)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.ems.client import ems as ems_client
from app.ems.students import key_of_id
from app.household.models import RecordCursor
from app.household.services.pulling import problems, pull_changes
from app.notices.models import Notification
from app.roster.services.graduates import set_roster_presence
from app.workflow import history
from tests.fixtures.standin import Standin
from tests.household.stage import Stage, body, kept_of, reload


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own records."""


class Office:
    """The school's staff at the employment system's own pages."""

    def __init__(self, standin: Standin, graduate_id: int) -> None:
        key = key_of_id(graduate_id)
        assert key is not None
        self.key, self.standin = key, standin
        self.page = f"{standin.url}/students/{key.school}/{key.cohort}/{key.exam_number}"

    def change(self, kind: str, **values: str) -> None:
        """Edit the record on its page."""
        with httpx.Client() as browser:
            shown = browser.get(f"{self.page}/records/{kind}")
            assert shown.status_code == 200
            token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
            assert token is not None
            sent = {**{name: value or "" for name, value in self.record(kind).items()}, **values}
            answer = browser.post(f"{self.page}/records/{kind}", data={**sent, "csrf_token": token[1]})
            assert answer.status_code in (200, 302), answer.text

    def record(self, kind: str) -> dict[str, Any]:
        """The record as the employment system holds it."""
        held = dict(ems_client().record(self.key, kind) or {})
        return {name: value for name, value in held.items() if name not in ("sequence", "reported_at")}


@pytest.fixture
def office(ems: Standin, stage: Stage) -> Office:
    """The staff who look after the stage's graduate."""
    return Office(ems, stage.graduate.graduate_id or 0)


def test_an_approved_record_is_there_at_once(stage: Stage, office: Office, drain: Callable[..., int]) -> None:
    """Every field under its name; nothing before the approval; a replacement follows."""
    case = stage.create("3")
    stage.fire(case, "approve", stage.department)
    drain()
    assert office.record(stage.kind) == {}
    stage.fire(case, "approve", stage.school)
    drain()
    told = office.record(stage.kind)
    assert {name: value for name, value in told.items() if value} == body(stage.kind, "3")
    stage.approve(stage.create("9", address="新地址 2 号"))
    drain()
    assert office.record(stage.kind)["address"] == "新地址 2 号"


def test_a_change_made_there_comes_back(stage: Stage, office: Office, drain: Callable[..., int]) -> None:
    """The copy here follows, once; before and after stand in the history; the graduate is told."""
    case = stage.approve(stage.create("3"))
    drain()
    office.change(stage.kind, address="改在那边 7 号")
    assert pull_changes() == 1
    case = reload(case)
    assert (case.state, case.data["address"]) == ("approved", "改在那边 7 号")
    step = history.of_case(stage.kind, case.id)[-1]
    assert (step.event, step.role) == ("ems_change", "system")
    assert step.detail["changes"] == {"address": kept_of(stage.kind, "文三路 9 号 201 室", "改在那边 7 号")}
    assert pull_changes() == 0
    drain()
    events = session.scalars(select(Notification.event).where(Notification.workflow == stage.kind)).all()
    assert events.count("ems_change") == 1
    assert office.record(stage.kind)["address"] == "改在那边 7 号"  # nothing is sent back


def test_nothing_is_lost_while_the_other_system_is_down(
    stage: Stage, office: Office, ems: Standin, drain: Callable[..., int]
) -> None:
    """Reports wait, changes are read later, in order, each once."""
    case = stage.approve(stage.create("3"))
    ems.fault("down")
    drain(failures=True)
    ems.fault("none")
    ems_client().channel.breaker.succeeded()
    from app.workflow import delivery
    from app.workflow.models import OutboxMessage

    waiting = session.scalars(select(OutboxMessage.id).where(OutboxMessage.status != "done")).all()
    delivery.retry(list(waiting))
    drain(failures=True)
    office.change(stage.kind, address="第一次")
    office.change(stage.kind, address="第二次")
    ems.fault("500")
    assert pull_changes() == 0
    ems.fault("none")
    ems_client().channel.breaker.succeeded()
    assert pull_changes() == 2
    assert reload(case).data["address"] == "第二次"
    changes = [row for row in history.of_case(stage.kind, case.id) if row.event == "ems_change"]
    assert [row.detail["changes"]["address"][1] for row in changes] == kept_of(stage.kind, "第一次", "第二次")


def test_a_lost_answer_changes_nothing_twice(
    stage: Stage, office: Office, ems: Standin, drain: Callable[..., int]
) -> None:
    """The report arrives, the answer is lost, the record is changed there, the repetition has no effect."""
    stage.approve(stage.create("3"))
    ems.fault("lost")
    drain(failures=True)
    ems.fault("none")
    ems_client().channel.breaker.succeeded()
    assert office.record(stage.kind)["address"] == "文三路 9 号 201 室"
    office.change(stage.kind, address="那边更新")
    from app.workflow import delivery
    from app.workflow.models import OutboxMessage

    waiting = session.scalars(select(OutboxMessage.id).where(OutboxMessage.status != "done")).all()
    delivery.retry(list(waiting))
    drain(failures=True)
    assert office.record(stage.kind)["address"] == "那边更新"
    assert pull_changes() == 1


def test_a_change_of_a_replaced_record_is_void(stage: Stage, office: Office, drain: Callable[..., int]) -> None:
    """What was changed there before the newer record arrived is overtaken by it."""
    old = stage.approve(stage.create("3"))
    drain()
    office.change(stage.kind, address="旧记录的修改")
    new = stage.approve(stage.create("9"))
    assert pull_changes() == 0
    drain()
    assert pull_changes() == 0
    assert reload(old).data["address"] == "文三路 9 号 201 室"
    assert (reload(new).state, office.record(stage.kind)["transfer_type"]) == ("approved", "9")


def test_what_cannot_be_taken_over_is_told(stage: Stage, office: Office, drain: Callable[..., int]) -> None:
    """An unknown region there is no reason to break this platform's copy; operators read why."""
    case = stage.approve(stage.create("3"))
    drain()
    office.change(stage.kind, region="999999")
    assert pull_changes() == 0
    assert reload(case).data["region"] == "330106"
    assert len(problems()) == 1
    office.change(stage.kind, region="330102")
    assert pull_changes() == 1
    assert problems() == []


def test_removed_graduates_keep_their_changes(stage: Stage, office: Office, drain: Callable[..., int]) -> None:
    """失效 stops every step; what was changed meanwhile is taken over when the graduate is back, and not overwritten."""
    case = stage.approve(stage.create("3"))
    drain()
    office.change(stage.kind, address="移除前的修改")
    graduate_id = stage.graduate.graduate_id or 0
    set_roster_presence(graduate_id, present=False, actor=SYSTEM)
    assert pull_changes() == 0
    assert session.scalars(select(RecordCursor)).one().held == [[office.key.exam_number, stage.kind]]
    from app.base.database import transaction
    from app.roster.services.following import repeat_reports

    with transaction():
        set_roster_presence(graduate_id, present=True, actor=SYSTEM)
        repeat_reports(graduate_id)
    drain()
    assert office.record(stage.kind)["address"] == "移除前的修改"
    assert pull_changes() == 1
    assert reload(case).data["address"] == "移除前的修改"
    assert session.scalars(select(RecordCursor)).one().held == []


def test_a_graduate_who_comes_back_is_reported_as_the_record_is_now(
    stage: Stage, office: Office, drain: Callable[..., int]
) -> None:
    """Not as it was first reported: a change made there in between stays."""
    from app.base.database import transaction
    from app.roster.services.following import repeat_reports

    stage.approve(stage.create("3"))
    drain()
    office.change(stage.kind, address="后来改的")
    pull_changes()
    with transaction():
        repeat_reports(stage.graduate.graduate_id or 0)
    drain()
    assert office.record(stage.kind)["address"] == "后来改的"


def test_two_pulls_at_once_take_a_change_once(app: Flask, stage: Stage, office: Office, drain: Any) -> None:
    """The cursor's row decides."""
    from tests.signing.race import at_once

    case = stage.approve(stage.create("3"))
    drain()
    office.change(stage.kind, address="同时拉取")
    session.remove()
    results = at_once(app, [pull_changes] * 4)
    assert sum(result.value for result in results) == 1
    assert len([row for row in history.of_case(stage.kind, case.id) if row.event == "ems_change"]) == 1
