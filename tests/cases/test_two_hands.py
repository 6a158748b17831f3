"""A school does not pass as its own department: two reviews of a case are two people's (R3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.accounts import account_named
from app.access.actors import STAFF
from app.access.audit import AuditLine
from app.base.database import session, transaction
from app.cases.guards import reviewed_by_another_hand
from app.workflow import registry
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.notices.browser import logged_in
from tests.signing.paper.stage import PaperStage

pytestmark = pytest.mark.usefixtures("fresh_database")
LIST = "/staff/online-signings/by-students"


def _enter(browser: FlaskClient, username: str) -> None:
    csrf = token(browser.get("/login/school").text)
    form = {"username": username, "password": PASSWORD, "csrf_token": csrf}
    assert browser.post("/login/school", data=form).status_code == 302


def _approve(browser: FlaskClient, case: Any) -> str:
    csrf = token(browser.get("/staff/", follow_redirects=True).text)
    browser.post(f"{LIST}/decide/{case.id}/approve", data={"csrf_token": csrf})
    session.refresh(case)
    return str(case.state)


def test_one_browser_does_not_pass_both_reviews(app_context: Flask) -> None:
    case = PaperStage().offline("agreement_dept_review")
    browser = app_context.test_client()
    _enter(browser, "dept10001a")
    assert _approve(browser, case) == "agreement_school_review"
    browser.post("/logout", data={"csrf_token": token(browser.get("/staff/", follow_redirects=True).text)})
    _enter(browser, "school10001")
    assert _approve(browser, case) == "agreement_school_review"
    shown = browser.get(f"{LIST}/show/{case.id}").text
    assert "两级审核须由两人办理" in shown
    assert "approve-form" not in shown
    assert "reject" in shown  # sending it back harms nobody
    other = logged_in(app_context, "school10001")
    assert "approve-form" in other.get(f"{LIST}/show/{case.id}").text
    assert _approve(other, case) == "agreement_approved"


@pytest.mark.parametrize("column", ["mobile", "email"])
def test_one_contact_does_not_pass_both_reviews(app_context: Flask, column: str, api: Callable[..., Any]) -> None:
    case = PaperStage().offline("agreement_dept_review")
    value = "13911115555" if column == "mobile" else "one@example.com"
    with transaction():
        for name in ("dept10001a", "school10001"):
            setattr(account_named(name), column, value)
    path = f"/offline_signing/{case.id}"
    assert api("dept10001a").post(f"{path}/approve", {}).status_code == 200
    assert "approve" not in api("school10001").get(path).get_json()["result"]["events"]
    refused = api("school10001").post(f"{path}/approve", {})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "same_hand")


def test_programs_of_one_machine_are_two_people(app_context: Flask, api: Callable[..., Any]) -> None:
    case = PaperStage().offline("agreement_dept_review")
    for name in ("dept10001a", "school10001"):
        assert api(name).post(f"/offline_signing/{case.id}/approve", {}).status_code == 200


def test_trail_tells_where_the_second_reviewer_has_known_the_firsts_password(
    app_context: Flask, api: Callable[..., Any]
) -> None:
    case = PaperStage().offline("agreement_dept_review")
    school = api("school10001")
    rows = school.get("/accounts/?q=(filters:!((col:username,opr:eq,value:dept10001a)))").get_json()["result"]
    made = {
        "username": "deptmade",
        "password": "Wanted-Guest-17",
        "name": "新",
        "role": "department",
        "department": rows[0]["department"],
    }
    assert school.post("/accounts/", made).status_code == 201
    new = api("deptmade", "Wanted-Guest-17")
    new.put("/me/password", {"current": "Wanted-Guest-17", "password": "Wanted-Guest-18"})
    assert new.post(f"/offline_signing/{case.id}/approve", {}).status_code == 200
    assert school.post(f"/offline_signing/{case.id}/approve", {}).status_code == 200
    line = session.scalars(select(AuditLine).where(AuditLine.action == "second_by_maker")).one()
    assert line.detail == {"first": "deptmade", "second": "school10001"}
    assert line.subject == f"offline_signing {case.id}"


def test_every_second_review_is_guarded() -> None:
    """Whatever workflow: the school's approval after the department's."""
    second = [
        (workflow.name, row)
        for workflow in registry.all_workflows()
        if any(state.waits_for == "department" for state in workflow.states)
        for row in workflow.transitions
        if row.event == "approve"
        and set(row.who) <= set(STAFF)
        and any(workflow.state(source).waits_for == "school" for source in row.sources)
    ]
    assert len(second) >= 8
    assert not [name for name, row in second if reviewed_by_another_hand not in row.guards]
