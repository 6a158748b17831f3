"""Method A on a phone, from the account to the verified unit (R5.3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.employers.test_verification_api import picture
from tests.fixtures.browser import check_no_sideways_scrolling
from tests.journeys.people import press

pytestmark = pytest.mark.browser


def test_remittance_on_a_phone_from_account_to_verified(
    app: Flask,
    phone: Callable[..., Any],
    axe: Callable[..., None],
    drain: Callable[..., int],
    tmp_path: Path,
) -> None:
    """Method A as a person does it: account, letter, the stand-in bank's statement, a wrong amount, the right one."""
    file = tmp_path / "letter.png"
    file.write_bytes(picture(size=(600, 400)))
    page = phone("employer3")
    page.goto("/employer/verification/method")
    page.check("input[name=method][value=remittance]")
    page.fill("#f-account", "1100 1234 5678 4454")
    page.fill("#f-bank", "示例银行广州分行")
    page.click("main form button.button--primary")
    page.wait_for_url("**/employer/verification/papers")
    page.get_by_role("link", name="查看示例").first.click()
    sample = page.get_by_role("dialog").locator("img")
    expect(sample).to_be_visible()
    assert sample.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    page.set_input_files("input[name='photo.authorization_letter']", file)
    expect(page.locator("#f-authorization_letter").get_by_role("button", name="旋转")).to_be_visible()
    check_no_sideways_scrolling(page)
    page.click("text=提交认证")
    page.wait_for_url("**/employer/verification/status")
    drain()
    page.wait_for_selector("#f-amount")  # the page looks again by itself
    assert "1100*****4454" in page.inner_text("main")
    check_no_sideways_scrolling(page)
    axe(page)
    bank = phone()
    bank.goto(page.get_by_role("link", name="模拟银行").get_attribute("href") or "")
    axe(bank)
    check_no_sideways_scrolling(bank)
    amount = bank.locator("td.num b").inner_text()
    page.fill("#f-amount", "1.99" if amount != "1.99" else "1.98")
    press(page, "确认金额")
    page.wait_for_selector("text=4 次")
    page.fill("#f-amount", amount)
    press(page, "确认金额")
    page.wait_for_url("**/employer/")
    axe(page)
