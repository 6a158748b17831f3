"""A newcomer's first agreement: from the page of log-ins to the PDF, with nothing but the accounts of README's first screen."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.fixtures.browser import ROOT, Visitors, log_in, prove
from tests.journeys.people import eventually, open_case_of, press, write_letter

MOST_PAGES, MOST_CLICKS = 22, 20


class Newcomer:
    """Counts what somebody does who sees this for the first time."""

    def __init__(self, visitors: Visitors) -> None:
        self.visitors, self.pages, self.clicks, self.waits = visitors, 0, 0, False

    def enter(self, account: str) -> Page:
        """Come in through the front page, as a person who has a name and a password."""
        page = self.visitors.open()
        page.on("framenavigated", lambda frame: self._loaded(frame, page))
        page.expose_function("__clicked", self._clicked)
        page.add_init_script("addEventListener('click', (event) => event.isTrusted && window.__clicked(), true)")
        log_in(page, account)
        return page

    def _loaded(self, frame: Any, page: Page) -> None:
        self.pages += frame == page.main_frame and not self.waits

    def _clicked(self) -> None:
        self.clicks += 1


def _readme(pattern: str) -> str:
    """What the first screen of the README says."""
    found = re.search(pattern, (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None, pattern
    return found[1]


def test_from_the_log_in_to_the_pdf(visitors: Visitors) -> None:
    name = _readme(r"\| `graduate7` \| (\S+) \|")
    someone = Newcomer(visitors)
    unit = someone.enter(_readme(r"\| `(employer1)` \|"))
    unit.get_by_role("link", name="签约/解约").first.click()
    unit.get_by_role("link", name="学生收藏夹").first.click()
    unit.locator("tr", has_text=name).get_by_role("link", name="发起签约邀请").click()
    write_letter(unit)
    press(unit, "下一步")
    press(unit, "发送邀请函")
    expect(unit.get_by_text("已发送 1 份签约邀请函")).to_be_visible()

    graduate = someone.enter("graduate7")
    graduate.locator("main").get_by_role("link", name="查看并回应").first.click()
    press(graduate, "接受")
    prove(graduate)
    expect(graduate.get_by_text("您已接受邀请")).to_be_visible()

    school = someone.enter("school10002")
    open_case_of(school, name)
    press(school, "鉴证通过")
    expect(school.get_by_text("学校鉴证通过")).to_be_visible()

    unit.goto("/employer/")
    unit.locator("main").get_by_role("link", name="已签约").click()
    unit.get_by_role("link", name=name).first.click()
    button = unit.get_by_role("link", name="下载就业协议书")
    address = button.get_attribute("href") or ""
    someone.waits = True  # for the worker, not for the person
    eventually(unit, lambda: unit.request.get(address).body().startswith(b"%PDF-"))
    someone.waits = False
    button.click()
    print(someone.pages, someone.clicks)
    assert someone.pages <= MOST_PAGES
    assert someone.clicks <= MOST_CLICKS
