"""A school marks a unit in a real browser; reviewer and graduate meet the warning; all of it is accessible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling
from tests.signing.stage import fire, invite, user

pytestmark = pytest.mark.browser


def test_a_unit_is_marked_and_people_are_warned(
    app: Flask, desk: Callable[..., Page], phone: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    with app.app_context():
        case = invite(user("employer1"), user("graduate7"))
        fire(case, "accept", user("graduate7"))
    page = desk("school10002")
    page.goto("/staff/warnings/list/")
    axe(page)
    page.get_by_role("link", name="标记预警单位").first.click()
    page.locator("#f-uscc").fill("91110108MX5PER7K08")
    page.locator("#f-name").fill("北京砚渡禾信息技术有限公司")
    page.locator("#f-reason").fill("招聘简章与实际岗位不符")
    page.get_by_role("button", name="标记为预警单位").click()
    expect(page.get_by_text("请至少选择一种预警类型").first).to_be_visible()
    axe(page)
    page.get_by_text("虚假宣传").click()
    page.get_by_role("button", name="标记为预警单位").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_have_text("北京砚渡禾信息技术有限公司")
    axe(page)
    page.goto(f"/staff/online-signings/show/{case.id}")
    expect(page.get_by_text("预警单位：虚假宣传")).to_be_visible()
    expect(page.get_by_text("暂时无法获取最新状态")).to_be_visible()
    axe(page)
    mine = phone("graduate7")
    mine.goto(f"/graduate/signing/{case.id}")
    expect(mine.get_by_text("预警单位：虚假宣传")).to_be_visible()
    check_no_sideways_scrolling(mine)
    axe(mine)
    small = phone("school10002")
    for path in ("list/", "create", "show/1"):
        small.goto(f"/staff/warnings/{path}")
        check_no_sideways_scrolling(small)
    axe(small)
