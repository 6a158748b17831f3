"""A school reminds those who have registered nothing: counted first, once in three days, never at night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict, Forbidden
from app.ems.students import student_of
from app.roster.models import Claim, Graduate
from app.roster.reminders.queries import plan_of
from app.roster.reminders.services import KIND, remind
from app.roster.services.intake import add_graduates
from app.roster.services.takeover import row_of
from app.workflow.models import OutboxMessage
from tests.fixtures.outbox import run_jobs
from tests.fixtures.pages import token
from tests.roster.sheets import id_number
from tests.roster.test_pages import Browse, browse  # noqa: F401
from tests.signing.stage import Stage, user

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
LIST = "/staff/graduates/list/"


def told() -> list[Any]:
    query = select(OutboxMessage).where(OutboxMessage.key.startswith("roster_reminder:")).order_by(OutboxMessage.id)
    return list(session.scalars(query))


def ids() -> list[int]:
    return list(session.scalars(select(Graduate.id).where(Graduate.school_id == user("school10001").school_id)))


def test_those_without_a_destination_are_told_once_in_three_days(app: Flask) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    school = user("school10001")
    plan = plan_of(ids(), school)
    assert (plan.registered, plan.lately) == (1, 0)
    assert 0 < plan.told == plan.chosen - plan.registered - plan.without_account
    assert told() == [], "a dry run sends nothing"
    remind(ids(), actor=school)
    run_jobs(app)
    session.expire_all()
    assert len(told()) == plan.told
    users = {one.payload["user_id"] for one in told()}
    assert user("graduate1").user_id not in users
    assert all(one.payload["gentle"] for one in told())
    assert plan_of(ids(), school).lately == plan.told
    with pytest.raises(Conflict):
        remind(ids(), actor=school)
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=True):
        assert plan_of(ids(), school).told == plan.told
        remind(ids(), actor=school)
        run_jobs(app)
        session.expire_all()
        assert len(told()) == 2 * plan.told


def test_two_jobs_at_once_tell_nobody_twice(app: Flask) -> None:
    school = user("school10001")
    plan = plan_of(ids(), school)
    remind(ids(), actor=school)
    remind(ids(), actor=school)
    run_jobs(app)
    session.expire_all()
    assert len(told()) == plan.told


def test_the_list_is_narrowed_counted_and_sent_from_the_page(app: Flask, browse: Browse) -> None:  # noqa: F811
    client = browse("school10001")
    page = client.get(f"{LIST}?_flt_0_registration=nothing")
    assert page.status_code == 200
    assert "/staff/graduates/remind?_flt_0_registration=nothing" in page.text
    assert session.scalar(select(Claim)) is None
    name = session.scalars(select(Graduate.name).where(Graduate.id == user("graduate1").graduate_id)).one()
    address = f"/staff/graduates/remind?_flt_0_name={name}"
    dry = client.get(address)
    assert dry.status_code == 200
    assert client.post(address, data={"csrf_token": token(dry.text)}).status_code == 302
    run_jobs(app)
    session.expire_all()
    assert [one.payload["user_id"] for one in told()] == [user("graduate1").user_id]
    assert client.get(f"{LIST}?_flt_0_registration=x").status_code == 400


def test_what_goes_outside_waits_for_the_morning(drain: Callable[..., int], sql: Any) -> None:
    night = datetime.combine(clock.today() + timedelta(days=1), datetime.min.time(), clock.SHANGHAI) + timedelta(
        hours=2
    )
    with time_machine.travel(night, tick=True):
        from app.notices.ladder import after_quiet_hours

        assert after_quiet_hours(clock.now()) > clock.now()
        remind(ids(), actor=user("school10001"))
        assert plan_of(ids(), user("school10001")).told > 0


def test_nobody_else_reminds(api: Callable[..., Any], browse: Browse) -> None:  # noqa: F811
    counts = api("school10001").post("/graduates/remind", {"dry_run": True})
    assert counts.status_code == 200
    assert counts.get_json()["told"] == plan_of(ids(), user("school10001")).told
    for username in ("dept10001a", "province11", "operator", "graduate1"):
        assert api(username).post("/graduates/remind").status_code == 403, username
    for username in ("dept10001a", "province11"):
        assert browse(username).get("/staff/graduates/remind").status_code == 403
    with pytest.raises(Forbidden):
        remind(ids(), actor=user("dept10001a"))
    assert plan_of(ids(), user("school10002")).chosen == 0, "others' graduates are none of them"


def _strangers() -> dict[str, Graduate]:
    """Graduates without an account: with a mobile, with a telephone and mail, with mail, with neither."""
    own = session.scalars(
        select(Graduate).where(Graduate.id == user("graduate1").graduate_id).options(*Graduate.eager_options())
    ).one()
    row = row_of(student_of(own))
    ways = {
        "mobile": {"mobile": "13712345678", "email": "tian@example.edu.cn"},
        "telephone": {"mobile": "010-62751234", "email": "yan@example.edu.cn"},
        "mail": {"mobile": None, "email": "zhou@example.edu.cn"},
        "none": {"mobile": None, "email": None},
    }
    found = {}
    for serial, (name, way) in enumerate(ways.items(), start=1):
        exam = f"2332000000{serial:04d}"
        told = {
            **row,
            **way,
            "name": "𠮷田㛃",
            "exam_number": exam,
            "student_number": exam,
            "id_number": number(serial),
        }
        found[name] = add_graduates([{key: one for key, one in told.items() if one is not None}], actor=SYSTEM)[0]
    session.commit()
    return found


def number(serial: int) -> str:
    return id_number(700 + serial)


def letters() -> list[Any]:
    query = select(OutboxMessage).where(OutboxMessage.kind == "letter", OutboxMessage.key.startswith(KIND))
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def test_those_without_an_account_get_the_way_to_one_where_something_reaches_them(
    app: Flask, change_settings: Callable[..., None], drain: Callable[..., int]
) -> None:
    people = _strangers()
    keys, school = [one.id for one in people.values()], user("school10001")
    plan = plan_of(keys, school)
    assert (plan.chosen, plan.told, plan.by_address, plan.without_account, plan.lately) == (4, 0, 3, 1, 0)
    remind(keys, actor=school)
    remind(keys, actor=school)
    run_jobs(app)
    session.expire_all()
    told_to = {one.payload["channel"]: 0 for one in letters()} if letters() else {}
    for one in letters():
        told_to[one.payload["channel"]] += 1
    assert told_to == {"sms": 1, "email": 2}, "each once"
    assert letters()[0].payload["facts"]["url"].endswith("/activate")
    assert plan_of(keys, school).lately == 3
    with pytest.raises(Conflict):
        remind(keys, actor=school)
    change_settings(reminder_days=10)
    with time_machine.travel(clock.now() + timedelta(days=9), tick=True):
        assert plan_of(keys, school).lately == 3
    with time_machine.travel(clock.now() + timedelta(days=10, minutes=1), tick=True):
        assert plan_of(keys, school).by_address == 3
    drain()
    session.expire_all()
    assert {one.status for one in letters()} == {"done"}
    assert not any("address" in one.payload for one in letters()), "where it went is forgotten"


def test_who_sleeps_is_not_written_to(app: Flask) -> None:
    people = _strangers()
    night = datetime.combine(clock.today() + timedelta(days=1), datetime.min.time(), clock.SHANGHAI)
    with time_machine.travel(night + timedelta(hours=2), tick=True):
        remind([one.id for one in people.values()], actor=user("school10001"))
        run_jobs(app)
        session.expire_all()
        assert {one.next_attempt_at.astimezone(clock.SHANGHAI).hour for one in letters()} == {8}
        assert {one.status for one in letters()} == {"queued"}


def test_a_number_of_days_is_needed() -> None:
    from config import SettingsError, settings_from

    env = {"APP_ENV": "test", "DATABASE_URL": "postgresql://nobody@localhost/none"}
    assert settings_from(env).reminder_days == 3
    assert settings_from({**env, "REMINDER_DAYS": "7"}).reminder_days == 7
    for wrong in ("0", "-1", "x", "100"):
        with pytest.raises(SettingsError):
            settings_from({**env, "REMINDER_DAYS": wrong})
