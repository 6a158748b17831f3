"""A reviewer meets a signal beside the record, looks into it and marks it: on a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.fixtures.browser import examine
from tests.signals.stage import accepted, look_over, register_says, signal_of, unit_of
from tests.signing.stage import Stage

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_from_the_record_to_the_effect(app: Flask, desk: Open, phone: Open) -> None:
    """Home → list → signal → record and back, marked false, counted at the rule; the other school keeps its own view."""
    with app.app_context():
        cases = accepted(1, 7)
        register_says(unit_of(), "注销")
        look_over(*cases)
        session.commit()
        number, record = signal_of("not_in_business").id, cases[0].id
    scheme = os.environ.get("SCHEME", "light")
    page = desk("school10001", color_scheme=scheme)
    page.goto("/staff/signals/list/")  # from then on one works in the module
    page.goto("/staff/")
    page.get_by_role("link", name="新的异常提示").click()
    expect(page.locator("h1")).to_have_text("异常提示")
    examine(page, "list")
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_have_text("单位非存续状态")
    expect(page.get_by_text("另有少量记录不在您的查看范围内")).to_be_visible()
    examine(page, "signal")
    page.goto(f"/staff/online-signings/show/{record}")
    expect(page.get_by_text("提示：单位非存续状态")).to_be_visible()
    examine(page, "review")
    page.get_by_role("link", name="查看依据").click()
    page.get_by_text("误报", exact=True).click()
    page.locator("#f-note").fill("单位已更名，登记未更新")
    page.get_by_role("button", name="保存标记").click()
    expect(page.get_by_text("单位已更名，登记未更新").first).to_be_visible()
    page.goto("/staff/signals/effect")
    expect(page.get_by_role("row", name="单位非存续状态")).to_contain_text("0 %")
    examine(page, "effect")
    small = phone("school10002", color_scheme=scheme)
    for path in ("list/", f"show/{number}", "effect"):
        small.goto(f"/staff/signals/{path}")
        examine(small, f"phone-{path.partition('/')[0]}")
    small.goto(f"/staff/signals/show/{number}")
    expect(small.get_by_text("还没有标记。")).to_be_visible()
    small.goto(f"/staff/online-signings/show/{record}")
    expect(small.get_by_text("提示：")).to_have_count(0)
    small.goto(f"/staff/online-signings/show/{cases[1].id}")
    expect(small.get_by_text("提示：单位非存续状态")).to_be_visible()
    examine(small, "phone-review")


def test_a_spot_check(app: Flask, desk: Open, phone: Open) -> None:
    """Drawn on a desk, its results kept on a phone."""
    with app.app_context():
        Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed")
        session.commit()
    page = desk("school10001")
    page.goto("/staff/spot-checks/draw")
    examine(page, "draw")
    page.get_by_role("button", name="抽取记录").click()
    small = phone("school10001")
    small.goto(page.url)
    small.get_by_label("不一致", exact=True).first.check()
    small.get_by_role("button", name="保存结果").first.click()
    expect(small.locator("section b", has_text="不一致").first).to_be_visible()
    examine(small, "phone-check")
