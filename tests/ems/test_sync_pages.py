"""Operators at the sync list, school staff at the stand-in's pages, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session, transaction
from app.workflow import outbox
from tests.fixtures.standin import Standin

pytestmark = pytest.mark.browser


@pytest.fixture
def failed(app: Flask) -> int:
    """A dead letter."""
    with app.app_context(), transaction():
        told = {"code": "70", "label": "待就业"}
        message = outbox.post("ems", {"graduate_id": 1, "destination": told}, key="test:browser")
        session.flush()
        message.status, message.last_error = "failed", "EmsUnavailable: answered 500"
        message.error_code, message.error_detail = "ems_unavailable", "answered 500"
        return message.id


def test_an_operator_finds_what_failed_and_sends_it_again(
    ems: Standin, failed: int, desk: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = desk("operator")
    page.goto("/staff/sync/list/")
    page.get_by_label("状态").first.select_option("failed")
    page.get_by_role("button", name="查询").click()
    row = page.locator("tbody tr", has_text="待就业")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("多次没有响应")
    axe(page)
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="立即重新发送").click()
    expect(page.get_by_text("正在重新发送 1 条记录")).to_be_visible()
    page.goto(f"/staff/sync/show/{failed}")
    # A worker may have been quicker than this page.
    expect(page.get_by_text(re.compile("^(等待发送|已送达)$"))).to_be_visible()
    axe(page)


def test_the_pages_of_the_employment_system_are_accessible(
    ems: Standin, desk: Callable[..., Page], phone: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    row = ems.http.get("/rosters").json()["rosters"][0]
    found = ems.http.get(f"/schools/{row['school']}/cohorts/{row['cohort']}/students").json()["students"][0]
    student = f"/students/{row['school']}/{row['cohort']}/{found['exam_number']}"
    for person in (desk(), phone()):
        for path in ("/", f"/schools/{row['school']}/{row['cohort']}", student, f"{student}/edit", f"{student}/remove"):
            person.goto(ems.url + path)
            expect(person.locator("h1")).to_be_visible()
            axe(person)
