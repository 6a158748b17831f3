"""On a phone of 390 px a graduate accepts with the code in four taps at most, and never leaves the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling, prove
from tests.signing.stage import invite, user

pytestmark = pytest.mark.browser


def test_accepting_takes_four_taps_on_one_page(app: Flask, phone: Callable[..., Page]) -> None:
    """Counted from the home: to the invitation, accept, confirm; the field of the code has the focus by itself."""
    with app.app_context():
        invite(user("employer1"), user("graduate4"))
    page = phone("graduate4")
    page.goto("/graduate/")
    page.evaluate("() => addEventListener('click', () => sessionStorage.taps = 1 + +(sessionStorage.taps || 0), true)")
    page.get_by_role("link", name="查看并回应").first.tap()
    expect(page.get_by_role("button", name="接受")).to_be_visible()
    page.evaluate("() => addEventListener('click', () => sessionStorage.taps = 1 + +(sessionStorage.taps || 0), true)")
    place, opened = page.url, page.evaluate("() => performance.timeOrigin")
    page.get_by_role("button", name="接受").tap()
    expect(page.locator("#proof[open] [name=code]")).to_be_focused()
    expect(page.locator("#proof [name=code]")).to_have_attribute("autocomplete", "one-time-code")
    check_no_sideways_scrolling(page)
    assert (page.url, page.evaluate("() => performance.timeOrigin")) == (place, opened), "the sheet lies over the page"
    prove(page)
    expect(page.get_by_text("您已接受邀请")).to_be_visible()
    assert page.url == place
    assert 0 < page.evaluate("() => +sessionStorage.taps") <= 4
