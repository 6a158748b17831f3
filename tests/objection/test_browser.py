"""与事实不符 from the phone of the graduate to the desks of province and school (R12.3)."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from tests.fixtures.browser import examine, prove, shot
from tests.objection.stage import EXPLAIN, FINDING, TEXT, signing

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_from_the_phone_to_the_finding(app: Flask, phone: Open, desk: Open) -> None:
    """The graduate objects with the code, the province asks, the school explains with a paper, the province upholds."""
    with app.app_context():
        record = signing().id
    mine = phone("graduate1", color_scheme=os.environ.get("SCHEME", "light"))
    mine.goto("/graduate/me")
    mine.get_by_role("link", name="查看办理记录").click()
    expect(mine.locator("h1")).to_have_text("以我的名义办理的事项")
    examine(mine, "record")
    mine.goto(f"/graduate/signing/{record}")
    mine.get_by_role("link", name="与事实不符").click()
    mine.get_by_label("哪里与事实不符").fill(TEXT)
    examine(mine, "form")
    mine.get_by_role("button", name="提交省级核实").click()
    expect(mine.locator("#proof[open]")).to_be_visible()
    shot(mine, "proof")
    prove(mine)
    expect(mine.locator(".state").first).to_have_text("等待省级核实")
    examine(mine, "open")
    mine.goto("/graduate/")
    expect(mine.get_by_text("等待省级核实").first).to_be_visible()
    shot(mine, "home-open")
    mine.go_back()

    province = desk("province11", color_scheme=os.environ.get("SCHEME", "light"))
    province.goto("/staff/")
    examine(province, "province-home")
    province.goto("/staff/objections/list/")
    examine(province, "list")
    province.locator("tbody a").first.click()
    expect(province.get_by_text(TEXT).first).to_be_visible()
    examine(province, "province")
    province.get_by_role("button", name="要求学校说明").first.click()
    province.locator("dialog[open]").get_by_role("button", name="要求学校说明").click()
    expect(province.locator(".state").first).to_have_text("学校说明中")

    school = desk("school10001", color_scheme=os.environ.get("SCHEME", "light"))
    school.goto("/staff/objections/list/")
    school.locator("tbody a").first.click()
    content = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(content, "JPEG")
    upload = school.locator("input[type=file]").first
    upload.set_input_files({"name": "说明.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()})
    expect(school.locator("[data-photos-list] img").first).to_be_visible()
    examine(school, "school")
    school.get_by_role("button", name="提交说明").first.click()
    school.locator("dialog[open]").get_by_label("该记录的来由").fill(EXPLAIN["text"])
    school.locator("dialog[open]").get_by_role("button", name="提交说明").click()
    expect(school.locator(".state").first).to_have_text("学校已说明，等待省级核实")

    province.reload()
    province.get_by_role("button", name="情况属实").first.click()
    sheet = province.locator("dialog[open]")
    sheet.locator("textarea").fill(FINDING["reason"])
    shot(province, "uphold")
    sheet.get_by_role("button", name="情况属实").click()
    expect(province.locator(".state").first).to_have_text("情况属实，原记录已作废")

    mine.reload()
    expect(mine.locator(".state").first).to_have_text("情况属实，原记录已作废")
    examine(mine, "upheld")
    mine.goto(f"/graduate/signing/{record}")
    expect(mine.locator(".state").first).to_have_text("已作废")
    examine(mine, "voided")
    mine.goto("/graduate/")
    examine(mine, "home")


def test_a_graduate_takes_an_objection_back(app: Flask, phone: Open) -> None:
    with app.app_context():
        record = signing(graduate="graduate2").id
    mine = phone("graduate2")
    mine.goto("/graduate/record")
    mine.get_by_role("link", name="与事实不符").first.click()
    mine.get_by_label("哪里与事实不符").fill(TEXT)
    mine.get_by_role("button", name="提交省级核实").click()
    prove(mine)
    expect(mine.locator(".state").first).to_have_text("等待省级核实")
    mine.goto(f"/graduate/objections/about/online_signing/{record}")
    expect(mine.locator(".state").first).to_have_text("等待省级核实")  # the one under way, no second form
    mine.get_by_role("button", name="撤回异议").first.click()
    mine.locator("dialog[open]").get_by_role("button", name="撤回异议").click()
    expect(mine.locator(".state").first).to_have_text("已撤回")
