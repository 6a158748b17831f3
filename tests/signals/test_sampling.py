"""Spot checks: drawn by lot within scope and days, results kept with their trace, nothing else changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.base.errors import Forbidden, Invalid, NotFound
from app.signals.sampling.models import DIFFERENT, SAME, SpotCheck
from app.signals.sampling.services import check_for, draw, keep_result
from tests.notices.browser import logged_in, token
from tests.signing.stage import Stage, user

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")


@pytest.fixture
def signed() -> int:
    """An agreement in force of a graduate of 10001."""
    case = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    session.commit()
    return int(case.id)


def _draw(name: str, count: int = 5, days: int = 0) -> SpotCheck:
    day = clock.today() - timedelta(days=days)
    return draw(count, day, day, actor=user(name))


def test_the_draw_stays_in_scope_and_days(signed: int) -> None:
    for name in ("school10001", "province11", "operator"):
        check = _draw(name)
        assert ("online_signing", signed) in {(one.workflow, one.case_id) for one in check.records}
        assert check.of == len(check.records)
    for name, days, count, field in (
        ("school10284", 0, 5, "since"),
        ("school10001", 3, 5, "since"),
        ("school10001", 0, 0, "count"),
        ("school10001", 0, 201, "count"),
    ):
        with pytest.raises(Invalid) as refused:
            _draw(name, count, days)
        assert list(refused.value.errors) == [field]
    for name in ("dept10001a", "employer1", "graduate1"):
        with pytest.raises(Forbidden):
            _draw(name)


def test_any_day_and_number_that_is_typed_has_an_answer(app: Flask, signed: int) -> None:
    client = logged_in(app, "school10001")
    page = "/staff/spot-checks/draw"
    sent = {"csrf_token": token(client.get(page).text), "count": "5", "since": "0001-01-01", "until": "9999-12-31"}
    for wrong in (
        {"count": "9" * 5000},
        {"count": "²"},
        {"since": "0000-00-00"},
        {"until": ""},
        {"since": "9999-12-31"},
    ):
        assert client.post(page, data={**sent, **wrong}).status_code == 422, wrong
    assert client.post(page, data={**sent, "count": "５"}).status_code == 302


def test_results_are_kept_for_the_office_and_those_above(signed: int) -> None:
    check = _draw("school10001")
    school = user("school10001")
    keep_result(check.id, 1, DIFFERENT, "原件无公章", actor=school)
    keep_result(check.id, 1, SAME, "已补验", actor=school)
    assert [one.result for one in check_for(check.id, user("province11")).records][:1] == [SAME]
    for name in ("school10002", "province32", "dept10001a", "employer1", "graduate1"):
        with pytest.raises(NotFound):
            check_for(check.id, user(name))
    with pytest.raises(Invalid):
        keep_result(check.id, 1, "perhaps", "", actor=school)
    with pytest.raises(NotFound):
        keep_result(check.id, 99, SAME, "", actor=school)
    lines = session.scalars(select(AuditLine.detail).where(AuditLine.action == "spot_check_result")).all()
    assert [line["result"] for line in lines] == [DIFFERENT, SAME]


def test_pages(app: Flask, signed: int) -> None:
    client = logged_in(app, "school10001")
    assert "还没有抽查" in client.get("/staff/spot-checks/list/").text
    page = client.get("/staff/spot-checks/draw").text
    today = clock.today().isoformat()
    form = {"csrf_token": token(page), "since": today, "until": today}
    assert client.post("/staff/spot-checks/draw", data={**form, "count": "0"}).status_code == 422
    assert client.post("/staff/spot-checks/draw", data={**form, "count": "3"}).status_code == 302
    number = session.scalars(select(SpotCheck.id)).one()
    shown = client.get(f"/staff/spot-checks/show/{number}").text
    assert f"/staff/online-signings/show/{signed}" in shown
    sent = {"csrf_token": token(shown), "result": DIFFERENT, "note": "原件无公章"}
    assert client.post(f"/staff/spot-checks/check/{number}/1", data=sent).status_code == 302
    assert "原件无公章" in client.get(f"/staff/spot-checks/show/{number}").text
    assert logged_in(app, "school10002").get(f"/staff/spot-checks/show/{number}").status_code == 404
