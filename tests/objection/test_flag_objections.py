"""A marked unit sees why and by whom, objects once, and is answered; past its last day a mark stops by itself (R8.11, B13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.employers.models import Employer
from app.flags.models import UnitWarning
from app.flags.queries import warning_for
from app.flags.services import add_warning, change_warning
from app.notices.models import Notification
from app.objection.flags.queries import marks_on
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.signing.stage import user

REASON, EVIDENCE = "两名毕业生反映被收取押金", "收据复印件两份"


def mark(**more: Any) -> UnitWarning:
    """School 10001 marks employer1's unit."""
    unit = session.get_one(Employer, user("employer1").employer_id)
    sent = {"uscc": unit.uscc, "name": unit.name, "kinds": ["1"], "reason": REASON, "evidence": EVIDENCE, **more}
    return add_warning(sent, actor=user("school10001"))


def told(app: Flask, username: str) -> list[str]:
    """The templates of the notices in somebody's inbox."""
    with app.app_context():
        query = select(Notification.template).where(Notification.user_id == user(username).user_id)
        return list(session.scalars(query.order_by(Notification.id)))


def browser(app: Flask, username: str, door: str) -> FlaskClient:
    """Somebody's browser."""
    client = app.test_client()
    form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get(f"/login/{door}").text)}
    assert client.post(f"/login/{door}", data=form).status_code == 302
    return client


def test_a_mark_stops_after_its_last_day(fresh_database: str, app_context: Flask) -> None:
    until = clock.today() + timedelta(days=30)
    marked = mark(until=until.isoformat())
    school = user("school10001")
    with time_machine.travel(clock.now() + timedelta(days=30)):
        assert warning_for(marked.uscc, school, school.school_id) is not None
        assert len(marks_on(user("employer1"))) == 1
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert warning_for(marked.uscc, school, school.school_id) is None
        assert marks_on(user("employer1")) == []
        change_warning(marked.id, {"until": None}, actor=school)
        assert warning_for(marked.uscc, school, school.school_id) is not None


def test_only_the_marked_unit_sees_the_mark(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        mark()
        session.commit()
    unit = browser(app, "employer1", "employer")
    page = unit.get("/employer/flags").text
    for said in (REASON, EVIDENCE, "北京大学"):
        assert said in page
    assert "/employer/flags" in unit.get("/employer/").text
    other = browser(app, "employer2", "employer")
    assert REASON not in other.get("/employer/flags").text
    assert "/employer/flags" not in other.get("/employer/").text


def test_a_unit_objects_once_and_the_mark_is_lifted(
    fresh_database: str, app: Flask, api: Callable[..., Any], drain: Callable[..., int]
) -> None:
    with app.app_context():
        marked_id = mark().id
        session.commit()
    unit, school = api("employer1"), api("school10001")
    assert api("employer2").post("/flag_objection/", {"warning_id": marked_id, "text": "x"}).status_code == 404
    assert unit.post("/flag_objection/", {"warning_id": marked_id}).status_code == 422
    made = unit.post("/flag_objection/", {"warning_id": marked_id, "text": "收据系伪造，已报案"})
    assert made.status_code == 201
    case_id = made.get_json()["result"]["id"]
    again = unit.post("/flag_objection/", {"warning_id": marked_id, "text": "再说一次"})
    assert (again.status_code, again.get_json()["code"]) == (409, "objected")
    drain()
    assert "flag_objected" in told(app, "school10001")
    assert "flag_objected" in told(app, "province11")
    for reader in ("school10001", "province11"):
        desk = browser(app, reader, "school")
        desk.get("/staff/modules/employment")
        assert "预警异议" in desk.get("/staff/").text
        assert "收据系伪造" in desk.get(f"/staff/flag-objections/show/{case_id}").text
    for stranger in ("school10284", "employer2", "graduate1", "dept10001a"):
        assert api(stranger).get(f"/flag_objection/{case_id}").status_code in (403, 404)
    answered = school.post(f"/flag_objection/{case_id}/approve", {"note": "已核实"})
    assert answered.get_json()["result"]["state"] == "upheld"
    drain()
    assert "flag_objection_upheld" in told(app, "employer1")
    with app.app_context():
        assert session.get(UnitWarning, marked_id) is None
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "warning_removed")).all()
        assert [line.detail["before"]["reason"] for line in lines] == [REASON]
    assert "成立" in browser(app, "employer1", "employer").get(f"/employer/flags/objections/{case_id}").text


def test_a_rejection_says_why_and_the_province_may_lift_the_mark(
    fresh_database: str, app: Flask, api: Callable[..., Any], drain: Callable[..., int]
) -> None:
    with app.app_context():
        marked_id = mark().id
        session.commit()
    page = browser(app, "employer1", "employer")
    form = {"csrf_token": token(page.get("/employer/flags").text), "warning_id": str(marked_id), "text": "不实"}
    case_id = int(page.post("/employer/flags/object", data=form).headers["Location"].rpartition("/")[2])
    desk = browser(app, "school10001", "school")
    address = f"/staff/flag-objections/decide/{case_id}/reject"
    sent = {"csrf_token": token(desk.get(f"/staff/flag-objections/show/{case_id}").text)}
    assert desk.post(address, data=sent).status_code == 422
    assert desk.post(address, data={**sent, "reason": "证据充分"}).status_code == 302
    drain()
    assert "flag_objection_rejected" in told(app, "employer1")
    assert "证据充分" in page.get(f"/employer/flags/objections/{case_id}").text
    with app.app_context():
        assert session.get(UnitWarning, marked_id) is not None
    assert api("school10001").post(f"/flag_objection/{case_id}/approve").status_code == 409
    lifted = api("province11").post(f"/flag_objection/{case_id}/approve", {"note": "证据不足"})
    assert lifted.get_json()["result"]["state"] == "upheld"
    drain()
    assert "flag_objection_upheld" in told(app, "school10001")
    with app.app_context():
        assert session.get(UnitWarning, marked_id) is None


@pytest.mark.parametrize("path", ["list/", "export?format=csv"])
def test_the_list_of_the_school(fresh_database: str, app: Flask, api: Callable[..., Any], path: str) -> None:
    with app.app_context():
        marked_id = mark().id
        session.commit()
    api("employer1").post("/flag_objection/", {"warning_id": marked_id, "text": "不实"})
    answer = browser(app, "school10001", "school").get(f"/staff/flag-objections/{path}")
    assert answer.status_code == 200
    assert "北京砚渡禾信息技术有限公司" in answer.text


def test_a_unit_is_told_when_it_is_marked(
    fresh_database: str, app: Flask, api: Callable[..., Any], drain: Callable[..., int]
) -> None:
    """All users of the unit of just that code, once a mark; the others hear nothing, nor does who is not verified."""
    with app.app_context():
        marked = mark()
        change_warning(marked.id, {"reason": "再次核实"}, actor=user("school10001"))
        session.commit()
    drain()
    drain()
    for reader, times in (("employer1", 1), ("employer1b", 1), ("employer2", 0), ("employer3", 0), ("graduate1", 0)):
        assert told(app, reader).count("unit_marked") == times, reader
    inbox = api("employer1").get("/notifications/").get_json()["result"][0]
    assert inbox["title"] == "有学校对贵单位作出标记"
    assert "北京大学" in inbox["text"]
    assert "再次核实" not in inbox["text"]  # why stands on the page alone
    page = browser(app, "employer1", "employer")
    assert "/employer/flags" in page.get("/employer/").text
    assert EVIDENCE in page.get("/employer/flags").text
    with app.app_context():  # past its last day when it is delivered, or of another unit by then
        other = session.get_one(Employer, user("employer2").employer_id)
        change_warning(marked.id, {"uscc": other.uscc, "name": other.name}, actor=user("school10001"))
        change_warning(marked.id, {"until": clock.today().isoformat()}, actor=user("school10001"))
        session.commit()
    with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
        drain()
    assert told(app, "employer2").count("unit_marked") == 0


@pytest.mark.parametrize("meant", ["x", "-1", "0", True, None, 2**63, "９", [1], {"a": 1}])
def test_what_is_no_mark_is_not_found(fresh_database: str, app: Flask, api: Callable[..., Any], meant: Any) -> None:
    assert api("employer1").post("/flag_objection/", {"warning_id": meant, "text": "不实"}).status_code == 404
