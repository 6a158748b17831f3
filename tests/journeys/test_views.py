"""Columns chosen and a view kept in the browser, shared with colleagues."""

from __future__ import annotations

from typing import Any

from flask import Flask
from playwright.sync_api import expect

from app.base.database import session
from tests.journeys.people import dialog, look
from tests.signing.stage import fire, invite, user

LIST = "/staff/online-signings/list/?_flt_0_state=school_review"


def test_columns_and_a_view(app: Flask, desk: Any, phone: Any) -> None:
    with app.app_context():
        case = invite(user("employer1"), user("graduate7"))
        fire(case, "accept", user("graduate7"))
        session.remove()
    page = desk("school10002")
    page.goto(LIST)
    before = page.locator("thead th").count()
    page.get_by_role("button", name="视图与列").click()
    look(page)
    for box in dialog(page).locator("[data-column]:not(:disabled)").all()[1:]:
        box.uncheck()
    dialog(page).get_by_role("button", name="显示所选列").click()
    expect(page.locator("thead th").nth(2)).to_be_visible()
    assert page.locator("thead th").count() < before
    assert "_flt_0_state=school_review" in page.url
    page.get_by_role("button", name="视图与列").click()
    dialog(page).locator("[name=name]").fill("只看状态")
    dialog(page).locator("[name=shared]").check()
    dialog(page).get_by_role("button", name="保存视图").click()
    expect(page.locator("a.chip", has_text="只看状态")).to_be_visible()
    small = phone("school10002")
    small.goto("/staff/online-signings/list/")
    look(small)
    small.locator("a.chip", has_text="只看状态").click()
    expect(small.locator("tbody tr")).to_have_count(1)
    assert "cols=" in small.url
    page.get_by_role("button", name="视图与列").click()
    dialog(page).get_by_role("button", name="删除").click()
    expect(page.locator("#flashes")).to_contain_text("视图已删除")
