"""Nothing typed is lost: closed tab, back button, session that is over; and nobody else sees it (all forms, one mechanism)."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.destination.stage import draft
from tests.fixtures.browser import Visitors, log_in
from tests.journeys.people import press, write_letter
from tests.signing.stage import keep, user

RESTORED = ".kept"
# Whose form, where it is, and a field of several kinds with what is typed there.
FORMS = [
    ("employer1", "/employer/templates/position/new", {"name": "我的模板", "position.title": "会计"}),
    ("employer1", "/employer/templates/letter/new", {"name": "整函", "position.title": "会计", "clauses": "第一条"}),
    ("employer1", "/employer/unit", {"address": "新的地址 1 号"}),
    ("employer3", "/employer/verification/unit", {"address": "新的地址 3 号"}),
    ("employer3", "/employer/verification/person", {"name": "另一位联系人"}),
    ("graduate9", "/graduate/paper/offline_signing/new", {"employer.name": "一家新公司"}),
    ("graduate10", "/graduate/paper/supplementary/new", {"employer.name": "一家新公司"}),
    ("graduate12", "/graduate/archive/new?type=1", {"receiver": "一处档案馆"}),
]


def _type(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        page.fill(f"main [name='{name}']", value)
    page.wait_for_timeout(500)


@pytest.mark.parametrize(("who", "where", "typed"), FORMS, ids=[f"{who}{where}" for who, where, _typed in FORMS])
def test_a_closed_tab_loses_nothing(visitors: Visitors, who: str, where: str, typed: dict[str, str]) -> None:
    page = visitors.open(who)
    page.goto(where)
    here = page.url
    _type(page, typed)
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(here)
    for name, value in typed.items():
        expect(page.locator(f"main [name='{name}']")).to_have_value(value)


def test_a_destination_outlives_a_line_that_is_down(app: Flask, visitors: Visitors) -> None:
    """It keeps itself at the server too; here nothing gets there."""
    with app.app_context():
        where = f"/graduate/destinations/{draft(user('graduate11')).id}/edit"
        session.remove()
    page = visitors.open("graduate11")
    page.route("**/autosave", lambda route: route.abort())
    page.goto(where)
    name = page.locator("form[data-autosave] input.input[type=text]").first.get_attribute("name") or ""
    _type(page, {name: "一家新公司"})
    page.reload()
    expect(page.locator(f"main [name='{name}']")).to_have_value("一家新公司")
    expect(page.locator(RESTORED)).to_be_visible()


def _letter(app: Flask, visitors: Visitors, graduate: str) -> tuple[Page, str]:
    with app.app_context():
        keep(user("employer1"), user(graduate))
        address = f"/employer/invitations/new?graduate={user(graduate).graduate_id}"
        session.remove()
    page = visitors.open("employer1")
    page.goto(address)
    write_letter(page)
    return page, address


def test_a_letter_comes_back_whole_and_goes_when_it_is_sent(app: Flask, visitors: Visitors) -> None:
    page, address = _letter(app, visitors, "graduate6")
    press(page, "下一步")
    page.goto("/employer/")  # left before it was sent
    page.goto(address)
    expect(page.locator(RESTORED)).to_be_visible()
    expect(page.locator("[name='position.title']")).to_have_value("研发工程师")
    expect(page.locator("[data-region] select").nth(2)).to_have_value("110108")
    expect(page.locator("#live-letter")).to_contain_text("研发工程师")
    press(page, "下一步")
    expect(page.locator("h1")).to_have_text("预览签约邀请函")
    press(page, "发送邀请函")
    expect(page.get_by_text("已发送 1 份签约邀请函")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(one => one.includes('invitation'))") == []


def test_after_a_new_log_in_one_stands_there_with_what_was_typed(app: Flask, visitors: Visitors) -> None:
    page, address = _letter(app, visitors, "graduate14")
    page.wait_for_timeout(500)
    page.context.clear_cookies()
    page.goto(address)
    assert "/login/employer" in page.url or page.url.endswith("/login/employer"), page.url
    page.fill("input[name=username]", "employer1")
    page.fill("input[name=password]", "Qianyue@2027")
    page.click("main form button[type=submit]")
    page.wait_for_url(f"**{address}")
    expect(page.locator("[name=clauses]")).to_have_value("第一条 甲方提供一年宿舍。\n第二条 试用期满后调薪。")


def test_nobody_else_sees_it_and_it_goes_with_the_log_out(app: Flask, visitors: Visitors) -> None:
    page, _address = _letter(app, visitors, "graduate15")
    where = "/employer/templates/position/new"
    page.goto(where)
    _type(page, {"name": "秘密的模板"})
    context = page.context
    context.clear_cookies()
    other = context.new_page()
    log_in(other, "employer2")
    other.goto(where)
    expect(other.locator("main [name=name]")).to_have_value("")
    context.clear_cookies()
    page = context.new_page()
    log_in(page, "employer1")
    page.goto(where)
    expect(page.locator("main [name=name]")).to_have_value("秘密的模板")
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/")
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('draft:employer1:'))") == []


def test_what_is_restored_can_be_discarded(visitors: Visitors) -> None:
    page = visitors.open("employer1")
    page.goto("/employer/templates/archive/new")
    _type(page, {"name": "一个名称"})
    page.reload()
    page.locator(RESTORED).get_by_role("button").click()
    expect(page.locator("main [name=name]")).to_have_value("")
    page.reload()
    expect(page.locator("main [name=name]")).to_have_value("")
