"""未报送成功 in the browser: a school finds the student, reads why, what to do, and opens the record."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import update

from app.base.database import session, transaction
from app.workflow.models import OutboxMessage
from tests.journeys.people import look
from tests.signing.stage import Stage, user


@pytest.fixture
def refused(app: Flask) -> str:
    """The name of a graduate whose signing was refused; nothing sends it meanwhile."""
    with app.app_context(), transaction():
        case = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
        mine = (OutboxMessage.kind == "ems", OutboxMessage.case_id == case.id)
        session.execute(update(OutboxMessage).where(*mine).values(status="failed", error_code="unknown_student"))
        return str(case.graduate.name or user("graduate1").name)


def test_a_school_sees_what_did_not_arrive(desk: Any, phone: Any, refused: str) -> None:
    for page in (desk("school10001"), phone("school10001")):
        page.goto("/staff/arrivals/")
        expect(page.locator("main")).to_contain_text(refused)
        expect(page.locator("main")).to_contain_text("补充该生")
        look(page)
        page.fill("#find-student", "查无此人")
        page.keyboard.press("Enter")
        expect(page.locator("main")).not_to_contain_text(refused)
    page = desk("school10001")
    page.goto("/staff/arrivals/")
    page.locator("a.table__open").first.click()
    expect(page.locator("h1")).to_have_text(refused)
    operator = desk("operator")
    for path in ("sync", "deliveries", "undelivered"):
        operator.goto(f"/staff/{path}/list/")
        look(operator)
        field = "reader" if path == "deliveries" else "student"
        operator.goto(f"/staff/{path}/list/?_flt_0_{field}={refused}")
        look(operator)
    operator.goto(f"/staff/sync/list/?_flt_0_student={refused}&_flt_0_status=failed")
    expect(operator.locator("tbody tr")).to_have_count(1)
