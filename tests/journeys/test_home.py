"""The graduate's home: what is next once something is signed; what has ended is news, never red."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Open, agree, dialog, follow, look, open_case_of, press
from trial.demo.country import GRADUATES


def test_after_signing_the_home_leads_on_and_an_end_is_news(
    desk: Open, phone: Open, staged: Callable[..., int]
) -> None:
    """报到, archive, hukou and the link to check the agreement; then the school voids it, which is told and calm."""
    case_id = staged("graduate8", "signed")
    page = phone("graduate8")
    page.goto("/graduate/")
    steps = page.locator("section[aria-labelledby=next]")
    for said in ("报到", "核验您的协议书", "档案", "户口"):
        expect(steps).to_contain_text(said)
    look(page)
    steps.get_by_role("link", name="核验").click()
    expect(page).to_have_url(re.compile(r"/verify\?number=\d{18}"))
    school = desk("school10002")
    school.goto("/staff/online-signings/list/")
    open_case_of(school, GRADUATES[7].name)
    press(school, "作废签约")
    dialog(school).locator('[name="void.reason"]').fill("单位注销")
    number = re.search(r"\d{18}", dialog(school).inner_text())
    assert number
    dialog(school).locator("[data-confirm-match]").fill(number[0][-4:])
    agree(school)
    page.goto("/graduate/")
    news = page.locator(".note", has_text="已作废")
    expect(news).to_have_count(1)
    expect(page.locator(".note--bad, .state--failed")).to_have_count(0)
    expect(page.locator("section[aria-labelledby=next]")).to_have_count(0)
    look(page)
    follow(page, "查看进度")
    expect(page).to_have_url(re.compile(f"/graduate/signing/{case_id}$"))


def test_the_invitation_is_told_in_chinese_and_a_refusal_is_no_alarm(phone: Open, staged: Callable[..., int]) -> None:
    staged("graduate9")
    page = phone("graduate9")
    page.goto("/graduate/")
    expect(page.locator("main")).to_contain_text(re.compile(r"请在 \d+年\d+月\d+日.* 前答复，还剩 \d+ 天"))
    assert "Answer" not in page.locator("main").inner_text()
    look(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_very_agreement_is_read_before_it_binds(
    phone: Callable[..., Page], staged: Callable[..., int], theme: str
) -> None:
    """On the page and in the sheet of the code: the text that will be printed, what is owed, what else was agreed."""
    case_id = staged("graduate7" if theme == "light" else "graduate11")
    page = phone("graduate7" if theme == "light" else "graduate11", color_scheme=theme)
    page.goto(f"/graduate/signing/{case_id}")
    page.locator("main summary", has_text="协议书全文").click()
    paper = page.locator("main article.agreement")
    expect(paper).to_contain_text("违约金")
    expect(paper).to_contain_text(GRADUATES[6 if theme == "light" else 10].name)
    look(page)
    press(page, "接受")
    sheet = page.locator("#proof[open]")
    for said in ("违约金", "补充条款", "月薪"):
        expect(sheet).to_contain_text(said)
    sheet.locator("summary", has_text="协议书全文").click()
    expect(sheet.locator("article.agreement")).to_be_visible()
    look(page)
