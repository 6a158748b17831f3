"""A session that is over in the middle of something: said in words, and nothing that was entered is lost."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.fixtures.browser import Visitors, log_in
from tests.journeys import people
from tests.journeys.people import look, press
from trial.demo.country import GRADUATES

PERSON, ANOTHER = GRADUATES[2:4]
OVER = "登录已过期。"


def _letter(visitors: Visitors, person: Any = PERSON) -> Page:
    page = visitors.open("employer1")
    people.find_graduate(page, person.name, person.id_number, "北京大学")
    page.locator("tr", has_text=person.name).get_by_role("link", name="发起签约邀请").click()
    people.write_letter(page)
    return page


def _letter_ready_to_send(visitors: Visitors) -> Page:
    page = _letter(visitors)
    press(page, "下一步")
    expect(page.locator("h1")).to_have_text("预览签约邀请函")
    return page


def _beside(page: Page, username: str) -> None:
    """Log in in another window of the same browser."""
    other = page.context.new_page()
    log_in(other, username)
    other.close()


def test_an_invitation_outlives_the_session(visitors: Visitors) -> None:
    page = _letter_ready_to_send(visitors)
    page.context.clear_cookies()
    press(page, "发送邀请函")
    dialog = page.locator("#session-over")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(OVER)
    expect(dialog.get_by_role("link", name="在新窗口登录")).to_have_attribute("href", "/login/employer")
    look(page)
    _beside(page, "employer2")
    dialog.get_by_role("button", name="我已登录，继续").click()
    expect(dialog).to_contain_text("employer1")  # somebody else would send it in the name of another unit
    page.context.clear_cookies()
    _beside(page, "employer1")
    dialog.get_by_role("button", name="我已登录，继续").click()
    expect(page.get_by_text("已发送 1 份签约邀请函")).to_be_visible()


def test_a_part_of_a_page_says_that_the_session_is_over(visitors: Visitors) -> None:
    """While a letter is written each key may ask the server; the page stays, with what stands in it."""
    page = _letter(visitors, ANOTHER)
    page.context.clear_cookies()
    page.fill("[name='position.title']", "测试工程师")
    expect(page.locator("#session-over")).to_be_visible()
    expect(page.locator("[name='position.title']")).to_have_value("测试工程师")
