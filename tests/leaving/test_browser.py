"""离校确认 from the phone of the graduate to the desk of the school, and the public check (B2)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import clock
from tests.fixtures.browser import examine, prove
from tests.leaving.stage import ANSWER, REPORT, now, open_window, registered

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_from_the_phone_to_the_public_check(app: Flask, phone: Open, desk: Open) -> None:
    """Led there from home, reports, is answered, confirms with the code, authorizes, is checked, revokes."""
    scheme = os.environ.get("SCHEME", "light")
    with app.app_context():
        open_window()
        registered("archive")
    mine = phone("graduate1", color_scheme=scheme)
    mine.goto("/graduate/")
    examine(mine, "home")
    mine.get_by_role("link", name="离校确认").first.click()
    expect(mine.locator("h1")).to_have_text("离校确认")
    examine(mine, "begin")
    mine.get_by_role("button", name="去确认").click()
    expect(mine.locator(".state").first).to_have_text("待离校确认")
    examine(mine, "open")
    mine.get_by_role("button", name="反馈信息有误").first.click()
    mine.locator("dialog[open] textarea").fill(REPORT["text"])
    mine.locator("dialog[open]").get_by_role("button", name="反馈信息有误").click()
    expect(mine.locator(".state").first).to_have_text("已反馈信息有误，等待学校处理")
    examine(mine, "reported")

    school = desk("school10001", color_scheme=scheme)
    school.goto("/staff/leavings/list/")
    examine(school, "list")
    school.locator("tbody a").first.click()
    expect(school.get_by_text(REPORT["text"]).first).to_be_visible()
    examine(school, "desk")
    school.get_by_role("button", name="答复毕业生").first.click()
    school.locator("dialog[open] textarea").fill(ANSWER["text"])
    school.locator("dialog[open]").get_by_role("button", name="答复毕业生").click()
    expect(school.locator(".state").first).to_have_text("待离校确认")

    mine.reload()
    expect(mine.get_by_text(ANSWER["text"]).first).to_be_visible()
    mine.get_by_role("button", name="确认无误").first.click()
    if os.environ.get("SHOTS"):
        mine.screenshot(path=f"{os.environ['SHOTS']}/sheet.png")
    mine.locator("dialog[open]").get_by_role("button", name="确认无误").click()
    prove(mine)
    expect(mine.locator(".state").first).to_have_text("已离校确认")
    examine(mine, "confirmed")
    mine.get_by_role("link", name="授权他人核验").click()
    mine.get_by_label("被授权方").fill("北京市人才服务中心")
    mine.get_by_label("有效期至").fill(str(clock.today() + timedelta(days=30)))
    mine.get_by_role("button", name="授权", exact=True).click()
    expect(mine.locator(".card h2").first).to_have_text("北京市人才服务中心")
    examine(mine, "authorizations")

    with app.app_context():
        number, name = now().number or "", now().graduate.name
    public = mine.context.browser.new_page(color_scheme=scheme)  # type: ignore[union-attr]
    public.goto(mine.url.partition("/graduate")[0] + f"/verify?number={number}")
    public.get_by_label("毕业生姓名").fill(name)
    public.get_by_role("button", name="核验", exact=True).click()
    expect(public.get_by_text("该信息表由本平台出具").first).to_be_visible()
    examine(public, "verify")

    mine.get_by_role("button", name="撤销").first.click()
    mine.locator("dialog[open]").get_by_role("button", name="撤销", exact=True).click()
    expect(mine.locator(".state").first).to_have_text("已撤销")
    mine.goto("/graduate/")
    examine(mine, "home-confirmed")
    _send_the_archive(school, mine)


def _send_the_archive(school: Page, mine: Page) -> None:
    """Recorded at the desk, seen on the phone."""
    school.goto("/staff/dispatches/list/")
    expect(school.get_by_text("应寄档案 1 份").first).to_be_visible()
    school.get_by_role("link", name="表格批量登记寄出").first.click()
    examine(school, "sheet")
    school.go_back()
    examine(school, "dispatches")
    school.locator("tbody a").first.click()
    school.get_by_role("button", name="登记寄出").first.click()
    dialog = school.locator("dialog[open]")
    dialog.get_by_label("寄递方式").select_option("2")
    dialog.get_by_label("寄出日期").fill(str(clock.today()))
    dialog.get_by_label("单号").fill("1123 4567 89012")
    dialog.get_by_role("button", name="登记寄出").click()
    expect(school.locator(".state").first).to_have_text("档案已寄出，尚无回执")
    examine(school, "dispatch")
    mine.goto("/graduate/household/")
    expect(mine.get_by_text("1123456789012")).to_be_visible()
    examine(mine, "household-sent")
    mine.get_by_role("link", name="查看档案去向").click()
    expect(mine.locator(".state").first).to_have_text("档案已寄出，尚无回执")
    examine(mine, "where")
