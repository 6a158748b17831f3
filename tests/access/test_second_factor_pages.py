"""The second factor in a real browser: set up at 1280, asked for on a phone of 390 px."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.application import PASSWORD
from tests.fixtures.browser import PICTURES, check_no_sideways_scrolling

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_staff_set_it_up_and_log_in_with_it(desk: Open, phone: Open, axe: Callable[[Page], None]) -> None:
    page = desk("dept10001b")
    page.goto("/staff/account#factor")
    page.get_by_role("button", name="开启两步验证").click()
    expect(page.locator(".qr svg")).to_be_visible()
    axe(page)
    secret = page.locator("#factor code.password").inner_text().replace(" ", "")
    page.locator("#factor").screenshot(path=PICTURES / "factor-1280.png")
    page.locator("#factor #f-code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="确认开启").click()
    codes = page.locator("#factor .recovery code").all_inner_texts()
    assert len(codes) == 10
    page.locator("#factor").screenshot(path=PICTURES / "factor-codes-1280.png")
    axe(page)

    other = phone()
    other.goto("/login/school?next=/staff/account")
    other.locator("#f-username").fill("dept10001b")
    other.locator("#f-password").fill(PASSWORD)
    other.get_by_role("button", name="登录", exact=True).click()
    expect(other.locator("h1")).to_have_text("还差一步")
    check_no_sideways_scrolling(other)
    axe(other)
    other.screenshot(path=PICTURES / "factor-code-390.png")
    other.locator("#f-otp").fill(codes[0])
    other.get_by_role("button", name="登录", exact=True).click()
    expect(other.locator("#factor")).to_contain_text("已开启")
    check_no_sideways_scrolling(other)
    other.locator("#factor").screenshot(path=PICTURES / "factor-390.png")
    axe(other)
    other.locator("#factor #f-code").fill(codes[1])
    other.get_by_role("button", name="关闭两步验证").click()
    expect(other.get_by_text("两步验证已关闭")).to_be_visible()


@pytest.mark.usefixtures("app_context")
def test_after_many_failures_a_question_is_asked(phone: Open, axe: Callable[[Page], None]) -> None:
    from app.access import attempts
    from app.access.attempts import Attempt
    from app.base.crypto import blind_index

    subject = blind_index("employer2").hex()
    for number in range(200):
        attempts.begin(Attempt(subject, f"10.7.0.{number}"))
    page = phone()
    page.goto("/login/employer")
    for _try in range(2):
        page.locator("#f-username").fill("employer2")
        page.locator("#f-password").fill(PASSWORD)
        if page.locator("#f-answer").count():
            first, second = re.findall(r"\d+", page.locator("label[for=f-answer]").inner_text())
            check_no_sideways_scrolling(page)
            axe(page)
            page.screenshot(path=PICTURES / "challenge-390.png")
            page.locator("#f-answer").fill(str(int(first) + int(second)))
        page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/employer/**")
