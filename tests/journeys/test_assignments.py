"""A colleague's share of the records: chosen in the list at a desk, given back on a phone."""

from __future__ import annotations

from typing import Any

from flask import Flask
from playwright.sync_api import expect

from app.base.database import session
from tests.cases.test_assignments import colleague
from tests.journeys.people import look, press
from tests.signing.stage import fire, invite, user

LIST = "/staff/online-signings/list/"


def test_shared_out_and_given_back(app: Flask, desk: Any, phone: Any) -> None:
    with app.app_context():
        for name in ("graduate7", "graduate8"):
            fire(invite(user("employer1"), user(name)), "accept", user(name))
        colleague("colleague1", "school10002")
        session.remove()
    page = desk("school10002")
    page.goto(LIST)
    page.locator("[data-pick-all]").check()
    press(page, "分配给同事")
    look(page)
    expect(page.locator("main")).to_contain_text("未分配 2")
    page.get_by_label("colleague1").check()
    press(page, "分配给同事")
    expect(page.locator("#flashes")).to_contain_text("已分配 2 条记录")
    expect(page.locator("tbody tr", has_text="colleague1")).to_have_count(2)
    page.goto(f"{LIST}?_flt_0_reviewer=nobody")
    expect(page.locator("tbody tr")).to_have_count(0)

    small = phone("colleague1")
    small.goto(LIST)
    small.goto("/staff/")
    look(small)
    small.locator("a.tile", has_text="分配给我的").click()
    expect(small.locator("tbody tr")).to_have_count(2)
    small.locator("tbody tr a.table__open").first.click()
    small.locator(".deskbar a", has_text="审核人：colleague1").click()
    look(small)
    press(small, "退回待分配")
    expect(small.locator(".deskbar")).to_contain_text("分配给同事")
    small.goto("/staff/workload/")
    look(small)
    expect(small.locator("tbody tr", has_text="colleague1").locator("td").first).to_contain_text("1")
    small.locator("tbody tr", has_text="colleague1").locator("td a").click()
    expect(small.locator("tbody tr")).to_have_count(1)
