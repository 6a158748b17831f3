"""What people do on the pages, step by step: each function is one errand, with the looks that every page must stand."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

from app.base import clock
from tests.fixtures.browser import check_accessibility, check_no_sideways_scrolling
from tests.fixtures.browser import prove as prove
from tests.fixtures.patience import PATIENCE, until

Open = Callable[..., Page]


def look(page: Page) -> None:
    """Every page: one heading, no broken rule of accessibility, on a phone nothing to scroll sideways."""
    expect(page.locator("h1")).to_have_count(1)
    check_accessibility(page)
    if (page.viewport_size or {})["width"] < 500:
        check_no_sideways_scrolling(page)


# Presses of links and buttons; the sheet that asks for a code adds none.
_COUNTS = """() => { if (!window.countsTaps) { window.countsTaps = true; addEventListener("click", (event) => {
  if (event.isTrusted && event.target.closest("a, button, summary, [type=submit]") && !event.target.closest("#proof"))
    sessionStorage.taps = 1 + +(sessionStorage.taps || 0);
}, true); } }"""


@contextmanager
def at_most(page: Page, taps: int) -> Iterator[None]:
    """What is done within takes so many taps and no more, as a person who knows the way."""
    page.add_init_script(f"({_COUNTS})()")
    page.evaluate(_COUNTS)
    page.evaluate("() => { sessionStorage.taps = 0 }")
    yield
    taken = until(lambda: _taken(page), "nothing was tapped")
    assert taken <= taps, f"{taken} taps"


def _taken(page: Page) -> int:
    try:
        return int(page.evaluate("() => +sessionStorage.taps"))
    except Error:  # between two pages
        return 0


# Whether a press sends a form and leaves the page: not where a sheet asks for a code first, or parts are swapped.
_LEAVES = """button => button.type === "submit" && button.form?.method === "post"
  && !button.dataset.proof && !button.form.dataset.proof && !button.form.hasAttribute("hx-post")
  && (button.formNoValidate || button.form.noValidate || button.form.checkValidity())"""
# Between two pages there is no element at all for a moment.
_LEFT = """() => document.documentElement &&
  (!document.documentElement.dataset.before || document.querySelector('#session-over[open]'))"""


_MARK = "stays => { (stays ? document.querySelector('[data-desk]') : document.documentElement).dataset.before = '1' }"
# On the desk a verdict brings the next record in its place.
_ON_THE_DESK = "button => Boolean(button.closest('[data-desk]') && button.type === 'submit' && button.form)"


def _click(page: Page, button: Locator) -> None:
    """Click, and where that leads away be on the next page before anything is looked at."""
    stays, leaves = button.evaluate(_ON_THE_DESK), button.evaluate(_LEAVES)
    if leaves:
        page.evaluate(_MARK, stays)
    button.click()
    if leaves and stays:
        page.wait_for_function("() => !document.querySelector('[data-desk][data-before]')")
    elif leaves:
        until(lambda: _has_left(page), f"{page.url} was not left")
        page.wait_for_load_state()


def _has_left(page: Page) -> bool:
    """Asked from outside again and again: where scripts are off a page cannot wait by itself."""
    try:
        return bool(page.evaluate(_LEFT))
    except Error as error:
        if "context was destroyed" in error.message:
            return False
        raise


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the button of that name on the page itself."""
    _click(page, page.locator("main").get_by_role("button", name=name).first)


def follow(page: Page, name: str) -> None:
    """Follow the link of that name on the page itself."""
    page.locator("main").get_by_role("link", name=name).first.click()


def dialog(page: Page) -> Any:
    """The dialog that is open."""
    opened = page.locator("dialog[open]")
    expect(opened).to_be_visible()
    return opened


def agree(page: Page) -> None:
    """Press the verb of the open dialog."""
    _click(page, dialog(page).locator("button[type=submit]"))


def find_graduate(page: Page, name: str, id_number: str, school: str) -> None:
    """学生收藏夹 → 添加学生 with these three."""
    page.goto("/employer/favorites")
    page.get_by_role("button", name="添加学生").first.click()
    search(page, name, id_number, school)


def search(page: Page, name: str, id_number: str, school: str) -> None:
    """Fill in the open search and press its verb."""
    for field, value in (("name", name), ("id_number", id_number), ("school", school)):
        dialog(page).locator(f"[name={field}]").fill(value)
    dialog(page).get_by_role("button", name="搜索并加入收藏夹").click()


def write_letter(page: Page, **changes: str) -> None:
    """Fill in 发起签约邀请 as far as it is required; `changes` replace fields such as phone="123"."""
    wanted = {
        "title": "研发工程师",
        "salary_month": "12000",
        "report_by": (clock.today() + timedelta(days=200)).isoformat(),
        "contact": "苗望舒",
        "phone": "010-62510000",
        **changes,
    }
    for name, value in wanted.items():
        page.fill(f"[name='position.{name}']", value)
    page.select_option("[name='position.category']", "13")
    choose_region(page, "北京市", "市辖区", "海淀区")
    page.fill("[name=clauses]", "第一条 甲方提供一年宿舍。\n第二条 试用期满后调薪。")


def choose_region(page: Page, *places: str) -> None:
    """Province, city and county in the three lists of the place of work."""
    for number, place in enumerate(places):
        page.locator("[data-region] select").nth(number).select_option(label=place)


def open_case_of(page: Page, name: str) -> None:
    """在线签约管理 → the review page of the newest case of this graduate."""
    page.goto("/staff/online-signings/list/")
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("h1")).to_have_text(name)


def messages(page: Page) -> Any:
    """The texts of the inbox of the person whose page this is."""
    place = re.search(r"/(employer|graduate|staff)", page.url)
    page.goto(f"/{place[1] if place else 'staff'}/messages")
    return page.locator(".notices__item")


def eventually(page: Page, there: Callable[[], Any]) -> None:
    """Look again until it is there: the workers need a moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if there():
            return
        page.wait_for_timeout(300)
        page.reload()
    raise AssertionError(f"it never came: {page.url}\n{page.locator('main').inner_text()[:1500]}")
