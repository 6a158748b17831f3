"""The verification as people see it: units at 1280 and 390 px, the operator's review page; accessible (look)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.employers.test_verification_api import picture
from tests.fixtures.browser import check_no_sideways_scrolling

pytestmark = pytest.mark.browser


def test_phone_shows_every_step(app: Flask, phone: Callable[..., Any], axe: Callable[..., None]) -> None:
    page = phone("employer3")
    for step in ("platform", "person", "unit", "method"):
        page.goto(f"/employer/verification/{step}")
        check_no_sideways_scrolling(page)
        axe(page)


def test_materials_from_choice_to_approval(
    app: Flask, desk: Callable[..., Any], axe: Callable[..., None], tmp_path: Path
) -> None:
    file = tmp_path / "letter.png"
    file.write_bytes(picture(size=(600, 400)))
    page = desk("employer3")
    page.goto("/employer/favorites")
    page.wait_for_url("**/employer/verification/method")
    axe(page)
    page.check("input[name=method][value=materials]")
    page.click("main form button.button--primary")
    page.wait_for_url("**/employer/verification/papers")
    wrong = tmp_path / "drawing.png"
    wrong.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    page.set_input_files("#f-licence", wrong)
    page.locator("section:has(#f-licence) button:has-text('上传图片')").click()
    page.wait_for_selector("#flashes .note--bad, .note--bad")
    assert page.url.endswith("/employer/verification/papers")  # told where the next try is made
    for kind in ("authorization_letter", "licence"):
        page.set_input_files(f"#f-{kind}", file)
        page.locator(f"section:has(#f-{kind}) button:has-text('上传图片')").click()
        page.wait_for_selector(f"section:has(#f-{kind}) .items")
    axe(page)
    page.click("text=提交认证")
    page.wait_for_url("**/employer/verification/status")
    assert "审核中" in page.inner_text("h1")
    axe(page)
    operator = desk("operator")
    operator.goto("/staff/verifications/list/")
    assert operator.locator("nav a[href*='/staff/verifications/'] .badge").inner_text().startswith("1")
    operator.click("text=广州荻鹭穹生物医药有限公司")
    papers = operator.locator("img.paper")
    expect(papers).to_have_count(2)
    for number in range(2):
        papers.nth(number).scroll_into_view_if_needed()
        assert papers.nth(number).evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    axe(operator)
    operator.click("text=审核通过")
    operator.wait_for_selector("text=认证通过")
    page.goto("/employer/")
    page.wait_for_selector("text=添加")
    page.goto("/employer/unit")
    axe(page)
    page.fill("#f-address", "新址 8 号")
    page.click("text=保存单位信息")
    page.wait_for_selector(".timeline:has-text('新址 8 号')")
    page.goto("/employer/accounts")
    assert "employer3" in page.inner_text("table")
    axe(page)
