"""Invitations side by side, days for the calendar, and how long the school takes as a rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.base import clock
from app.base.database import session
from app.cases import queries
from app.cases.progress import usual_sentence
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import queues
from tests.notices.browser import logged_in
from tests.signing.stage import fire, invite, user

pytestmark = pytest.mark.usefixtures("fresh_database")
Api = Callable[..., Any]


@pytest.fixture
def two(app_context: Flask) -> list[int]:
    """graduate7 with invitations of two units."""
    graduate = user("graduate7")
    return [invite(user(unit), graduate).id for unit in ("employer1", "employer2")]


def test_two_open_invitations_stand_side_by_side(app_context: Flask, two: list[int]) -> None:
    browser = logged_in(app_context, "graduate7")
    for place in ("/graduate/", "/graduate/signing", f"/graduate/signing/{two[0]}"):
        assert "/graduate/signing/compare" in browser.get(place).text, place
    page = browser.get("/graduate/signing/compare").text
    for number in two:
        assert f"/graduate/signing/{number}" in page
    assert page.count("¥8,000") >= 2 or page.count("¥") >= 2


def test_one_invitation_is_compared_with_nothing(app_context: Flask) -> None:
    invite(user("employer1"), user("graduate7"))
    browser = logged_in(app_context, "graduate7")
    assert "/graduate/signing/compare" not in browser.get("/graduate/").text
    assert "目前没有可以比较的两份邀请" in browser.get("/graduate/signing/compare").text


def test_others_and_ended_ones_are_not_among_them(app_context: Flask, two: list[int]) -> None:
    session.execute(
        update(OnlineSigning).where(OnlineSigning.id == two[0]).values(valid_until=clock.now() - timedelta(minutes=1))
    )
    session.commit()
    assert (
        f"/graduate/signing/{two[0]}" not in logged_in(app_context, "graduate7").get("/graduate/signing/compare").text
    )
    assert (
        f"/graduate/signing/{two[1]}" not in logged_in(app_context, "graduate8").get("/graduate/signing/compare").text
    )


def test_the_deadline_and_the_day_to_report_go_into_the_calendar(app_context: Flask, two: list[int]) -> None:
    case = session.get_one(OnlineSigning, two[0])
    browser = logged_in(app_context, "graduate7")
    answer = browser.get(f"/graduate/calendar/online_signing/{case.id}")
    assert answer.mimetype == "text/calendar"
    until = case.valid_until.astimezone(clock.SHANGHAI)
    assert f"DTEND:{(until - timedelta(hours=8)):%Y%m%dT%H%M%SZ}" in answer.text
    assert "UID:online_signing-" in answer.text
    assert answer.text.endswith("END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    fire(case, "accept", user("graduate7"))
    assert browser.get(f"/graduate/calendar/online_signing/{case.id}").status_code == 404
    fire(case, "approve", user("school10002"))
    day = re.sub("-", "", case.data["position"]["report_by"])
    signed = browser.get(f"/graduate/calendar/online_signing/{case.id}").text
    assert f"DTSTART;VALUE=DATE:{day}" in signed
    assert f"/graduate/calendar/online_signing/{case.id}" in browser.get("/graduate/").text
    assert logged_in(app_context, "graduate8").get(f"/graduate/calendar/online_signing/{case.id}").status_code == 404


def test_what_stands_in_a_calendar_is_escaped_and_folded() -> None:
    from app.portal.graduate.pages.calendar import _escaped, _folded

    assert _escaped("a;b,c\\d\ne") == "a\\;b\\,c\\\\d\\ne"
    folded = _folded("SUMMARY:" + "就业协议" * 30)
    assert folded.replace(b"\r\n ", b"").decode() == "SUMMARY:" + "就业协议" * 30 + "\r\n"


def _verdicts(number: int, days: int) -> None:
    """So many verdicts of school10002 in online signings, each after so many days."""
    unit, graduate, school = user("employer1"), user("graduate8"), user("school10002")
    for _turn in range(number):
        case = invite(unit, graduate)
        fire(case, "accept", graduate)
        fire(case, "reject", school, reason_code="6", reason="材料不全")
        back = (
            "UPDATE history SET at = at - make_interval(days => :days)"
            " WHERE workflow = 'online_signing' AND case_id = :id AND event = 'accept'"
        )
        session.execute(text("ALTER TABLE history DISABLE TRIGGER USER"))
        session.execute(text(back).bindparams(days=days, id=case.id))
        session.execute(text("ALTER TABLE history ENABLE TRIGGER USER"))
        session.commit()


def test_how_long_the_school_takes_is_said_where_enough_cases_tell(app_context: Flask) -> None:
    school = user("school10002").school_id
    queues.redis().flushdb()
    _verdicts(queries.FEWEST_VERDICTS - 1, 4)
    assert queries.usual_days(school, ONLINE_SIGNING) is None
    _verdicts(2, 4)
    assert queries.usual_days(school, ONLINE_SIGNING) is None, "asked once an hour"
    queues.redis().flushdb()
    assert round(queries.usual_days(school, ONLINE_SIGNING)) == 4
    assert queries.usual_days(user("school10001").school_id, ONLINE_SIGNING) is None
    case = invite(user("employer1"), user("graduate7"))
    assert usual_sentence(case) == ""
    fire(case, "accept", user("graduate7"))
    said = "通常需要约 4 天"
    assert said in usual_sentence(case)
    assert said in logged_in(app_context, "graduate7").get(f"/graduate/signing/{case.id}").text
    assert said not in logged_in(app_context, "employer1").get(f"/employer/signings/{case.id}").text
