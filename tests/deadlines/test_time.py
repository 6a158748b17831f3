"""Nothing waits without end: due moments, reminders, what follows, outages; told by a moved clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM_KIND
from app.base import clock
from app.base.database import session
from app.base.errors import AppError, Conflict, Invalid
from app.deadlines.models import Outage, Pulse
from app.deadlines.services import note_outage, note_pulse, pass_time, tell_reviewers
from app.roster.models import Graduate
from app.schools.seasons.services import save_province_season, save_school_season
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine, history, registry
from app.workflow.stages import Stage as Places
from tests.deadlines.people import DAY, look_at, told
from tests.signing.stage import Stage, fire, invite, keep, letter, user

pytestmark = pytest.mark.usefixtures("undone")


def test_every_waiting_state_has_a_limit() -> None:
    for flow in registry.all_workflows():
        for state in flow.states:
            waits = state.waits_for is not None and state.stage != Places.DRAFT
            assert state.due is not None or not waits, (flow.name, state.name)
            if state.due is not None and not waits:
                # Somebody outside is waited for, whom nobody here can remind: the step that follows must be there.
                assert state.due.reminders is None, (flow.name, state.name)
                follows = [row for row in flow.transitions if row.event == state.due.then.value]
                assert [row for row in follows if state.name in row.sources and SYSTEM_KIND in row.who]


def test_what_is_due_when_follows_the_nearest_setting(stage: Stage, noon: datetime) -> None:
    cohort = session.get_one(Graduate, stage.graduate.graduate_id).cohort
    save_province_season({"deadlines": {"review_days": 9, "termination_days": 20}}, cohort, actor=user("province11"))
    with time_machine.travel(noon, tick=False):
        case = stage.bring("dept_review")
        assert case.due_at == clock.now() + timedelta(days=9)
        save_school_season({"deadlines": {"review_days": 2}}, cohort, actor=user("school10001"))
        fire(case, "approve", stage.department)
        assert case.due_at == clock.now() + timedelta(days=2)
        save_school_season({"deadlines": {"review_days": None}}, cohort, actor=user("school10001"))
        assert case.due_at == clock.now() + timedelta(days=2)  # what waits keeps its limit
        fire(case, "approve", stage.school)
        assert (case.due_at, case.next_at) == (None, None)


def test_schools_give_time_to_answer_and_say_the_least(stage: Stage) -> None:
    cohort = session.get_one(Graduate, stage.graduate.graduate_id).cohort
    save_province_season({"deadlines": {"answer_min": 3}}, cohort, actor=user("province11"))
    with pytest.raises(Invalid) as refused:
        save_school_season({"deadlines": {"answer_min": 2}}, cohort, actor=user("school10001"))
    assert list(refused.value.errors) == ["deadlines.answer_min"]
    save_school_season({"deadlines": {"answer_min": 5, "answer_days": 12}}, cohort, actor=user("school10001"))
    keep(stage.employer, stage.graduate)
    soon = (clock.today() + timedelta(days=4)).isoformat()
    with pytest.raises(Invalid) as refused:
        invite_graduates([stage.graduate.graduate_id or 0], letter(valid_until=soon), actor=stage.employer)
    assert list(refused.value.errors) == ["valid_until"]
    without = {name: value for name, value in letter().items() if name != "valid_until"}
    case = invite_graduates([stage.graduate.graduate_id or 0], without, actor=stage.employer).created[0]
    assert case.valid_until == clock.end_of_day(clock.today() + timedelta(days=12)) == case.due_at
    assert case.data["valid_until"] == (clock.today() + timedelta(days=12)).isoformat()


@pytest.mark.parametrize("days", [0, 61, -1, 2.0, "3", True])
def test_days_are_whole_numbers_from_one_to_sixty(app_context: Flask, days: Any) -> None:
    with pytest.raises(Invalid) as refused:
        save_school_season({"deadlines": {"review_days": days}}, actor=user("school10002"))
    assert list(refused.value.errors) == ["deadlines.review_days"]


def test_a_reminder_comes_once_by_day_and_no_more_after_an_answer(stage: Stage, noon: datetime) -> None:
    with time_machine.travel(noon, tick=False):
        note_pulse()
        case = invite(stage.employer, stage.graduate, valid_until=(clock.today() + timedelta(days=20)).isoformat())
    look_at(noon + timedelta(days=3, minutes=-5))
    assert told("waiting_reminder", case) == []
    look_at(noon + timedelta(days=3), noon + timedelta(days=3), noon + timedelta(days=3, minutes=1))
    assert len(told("waiting_reminder", case)) == 1
    session.refresh(case)
    assert (case.reminded, case.state, case.next_at) == (1, "invited", noon + timedelta(days=6))
    with time_machine.travel(noon + timedelta(days=3, minutes=1)):
        fire(case, "decline", stage.graduate, reason="另有去向")
    assert case.next_at is None


def test_nobody_is_reminded_at_night(stage: Stage, noon: datetime) -> None:
    night = noon + timedelta(hours=11)
    with time_machine.travel(night, tick=False):
        note_pulse()
        case = invite(stage.employer, stage.graduate, valid_until=(clock.today() + timedelta(days=20)).isoformat())
    case.next_at = night + DAY
    session.flush()
    look_at(*(night + DAY + timedelta(hours=hour) for hour in range(9)))
    assert told("waiting_reminder", case) == []
    look_at(night + DAY + timedelta(hours=9, minutes=1), night + DAY + timedelta(hours=9, minutes=2))
    assert len(told("waiting_reminder", case)) == 1


def test_thousands_that_run_out_at_once_end_in_one_go(stage: Stage, noon: datetime) -> None:
    """A portion at a time, and another one as long as there are so many."""
    people = (stage, *(Stage("employer1", name, "dept10001a", "school10001") for name in ("graduate2", "graduate3")))
    with time_machine.travel(noon, tick=False):
        cases = [invite(one.employer, one.graduate, valid_until=str(clock.today() + DAY)) for one in people]
    late = max(case.due_at for case in cases) + timedelta(minutes=1)
    session.merge(Pulse(system="platform", at=late))
    with time_machine.travel(late, tick=False):
        assert pass_time(limit=1) == 1
        assert pass_time(limit=1, seconds=60) == 2
    for case in cases:
        session.refresh(case)
    assert {case.state for case in cases} == {"expired"}


def test_one_that_cannot_end_yet_holds_up_no_other(
    stage: Stage, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a portion are tried at once, then each alone; histories hold together either way."""
    other = Stage("employer1", "graduate2", "dept10001a", "school10001")
    with time_machine.travel(noon, tick=False):
        cases = [invite(one.employer, one.graduate, valid_until=str(clock.today() + DAY)) for one in (stage, other)]
    late = max(case.due_at for case in cases) + timedelta(minutes=1)
    session.merge(Pulse(system="platform", at=late))
    alter, tried = engine._alter, []

    def refuse(context: Any) -> None:
        tried.append(context.case.id)
        if context.case.id == cases[0].id:
            raise Conflict("not yet")
        alter(context)

    monkeypatch.setattr(engine, "_alter", refuse)
    with time_machine.travel(late, tick=False):
        assert pass_time() == 1
    for case in cases:
        session.refresh(case)
    assert [case.state for case in cases] == ["invited", "expired"]
    assert cases[0].next_at == late + timedelta(minutes=10)
    assert tried == [cases[0].id, *[case.id for case in cases]]
    assert not list(history.broken_links())


def test_an_outage_eats_nobody_s_time(stage: Stage, noon: datetime) -> None:
    """A day without the platform: what ran out in it has as much left after it as before, and nobody is told twice."""
    with time_machine.travel(noon, tick=False):
        case = invite(stage.employer, stage.graduate, valid_until=str(clock.today() + DAY))
        note_pulse()
        due = case.due_at
    back = noon + timedelta(days=2)
    with time_machine.travel(back, tick=False):
        pass_time()
        session.refresh(case)
        (outage,) = session.scalars(select(Outage)).all()
        assert (outage.system, outage.began_at, outage.ended_at) == ("platform", noon, back)
        assert case.state == "invited"
        assert case.valid_until == case.due_at == back + (due - noon)
        assert len(told("waiting_reminder", case)) <= 1
        fire(case, "accept", stage.graduate)


def test_an_outage_of_another_system_is_put_on_record_once(stage: Stage, noon: datetime) -> None:
    with time_machine.travel(noon, tick=False):
        case = invite(stage.employer, stage.graduate, valid_until=str(clock.today() + DAY))
        due = case.due_at
    with time_machine.travel(due - timedelta(minutes=1), tick=False):
        note_outage("sms", due - timedelta(hours=3), due - timedelta(minutes=2))
        session.refresh(case)
        assert case.valid_until == due - timedelta(minutes=2) + timedelta(hours=2, minutes=58)
        with pytest.raises(Invalid):
            note_outage("sms", due - timedelta(hours=3), due - timedelta(minutes=2))
    with pytest.raises(Invalid):
        note_outage("sms", clock.now(), clock.now() + DAY)


def test_reviewers_get_one_word_a_day(stage: Stage, noon: datetime) -> None:
    with time_machine.travel(noon, tick=False):
        case = stage.bring("dept_review")
    with time_machine.travel(case.due_at + timedelta(minutes=1), tick=False):
        tell_reviewers()
        counts = {one.payload["user_id"]: one.payload["facts"]["count"] for one in told("overdue_reviews")}
        assert counts[stage.department.user_id] == "1"
        assert stage.school.user_id in counts
        assert tell_reviewers() == 0
    with time_machine.travel(case.due_at + timedelta(hours=11), tick=False):
        assert tell_reviewers() == 0  # they sleep


def test_more_time_moves_the_due_moment(stage: Stage) -> None:
    case: OnlineSigning = invite(stage.employer, stage.graduate)
    fire(case, "extend", stage.employer, valid_until=str(clock.today() + timedelta(days=25)))
    assert case.due_at == case.valid_until == clock.end_of_day(clock.today() + timedelta(days=25))


def test_settings_of_others_are_closed(app_context: Flask) -> None:
    for account in ("dept10001a", "employer1", "graduate1", "province11"):
        with pytest.raises(AppError):
            save_school_season({"deadlines": {"review_days": 3}}, actor=user(account))
    for account in ("school10001", "employer1", "graduate1"):
        with pytest.raises(AppError):
            save_province_season({"deadlines": {"review_days": 3}}, actor=user(account))
