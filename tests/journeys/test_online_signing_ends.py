"""The other ends of an online signing in the browser: many at once, withdrawn, declined, aborted, rejected, too late."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.application import PASSWORD
from tests.journeys import people
from tests.journeys.people import Open, agree, at_most, dialog, look, open_case_of, press
from trial.demo.country import GRADUATES

NUMBER = re.compile(r"\d{18}")


def test_many_are_witnessed_at_once(desk: Open, staged: Callable[..., int]) -> None:
    """Two picked in the list: who, what will happen, the number typed, a result for each."""
    for name in ("graduate7", "graduate8"):
        staged(name, "accepted")
    page = desk("school10002")
    page.goto("/staff/online-signings/list/?_flt_0_state=school_review")
    look(page)
    page.locator("thead input[data-pick-all]").check()
    bar = page.locator("[data-picked-bar]")
    expect(bar).to_contain_text("2")
    assert "审核" not in bar.inner_text()
    bar.get_by_role("button", name="鉴证通过").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("不能撤销")
    look(page)
    verb = page.locator("main form button[type=submit]")
    expect(verb).to_be_disabled()
    page.get_by_label("请输入所选记录的条数以确认").fill("2")
    verb.click()
    expect(page.locator("main")).to_contain_text("共 2 条，已完成 2 条")
    for row in page.locator("tbody tr").all():
        expect(row).to_contain_text("签约审核通过")
    look(page)
    _school_changes_the_category_and_voids(page)


def _school_changes_the_category_and_voids(page: Page) -> None:
    open_case_of(page, GRADUATES[7].name)
    press(page, "修改职位类别")
    dialog(page).locator('[name="edit_category.category"]').select_option("21")
    agree(page)
    expect(page.get_by_text("学校修改职位类别")).to_be_visible()
    open_case_of(page, GRADUATES[6].name)
    press(page, "作废签约")
    dialog(page).locator('[name="void.reason"]').fill("单位注销")
    verb = dialog(page).locator("button[type=submit]")
    expect(verb).to_be_disabled()
    look(page)
    number = NUMBER.search(dialog(page).inner_text())
    assert number
    dialog(page).locator("[data-confirm-match]").fill(number[0][-4:])
    verb.click()
    expect(page.locator("main")).to_contain_text("已作废")
    expect(page.locator("main")).to_contain_text("单位注销")
    look(page)


def test_unit_withdraws_and_invites_again(desk: Open, phone: Open, staged: Callable[..., int]) -> None:
    """With a reason, asked twice; the graduate reads why; the new letter is filled in already."""
    case_id = staged("graduate9")
    page = desk("employer1b")
    page.goto(f"/employer/signings/{case_id}")
    press(page, "撤回签约")
    dialog(page).locator("[name=reason_code]").select_option("2")
    dialog(page).locator("[name=reason]").fill("岗位取消")
    look(page)
    agree(page)
    expect(page.get_by_text("已撤回签约邀请").first).to_be_visible()
    look(page)
    graduate = phone("graduate9")
    graduate.goto(f"/graduate/signing/{case_id}")
    expect(graduate.locator("main")).to_contain_text("岗位取消")
    expect(graduate.get_by_role("button", name="接受")).to_have_count(0)
    look(graduate)
    people.follow(page, "再次发起签约")
    expect(page.locator("[name='position.title']")).to_have_value("软件工程师")
    page.fill("[name='position.title']", "高级软件工程师")
    press(page, "下一步")
    expect(page.locator("h1")).to_have_text("预览签约邀请函")
    page.go_back()
    expect(page.locator("[name='position.title']")).to_have_value("高级软件工程师")
    press(page, "下一步")
    press(page, "发送邀请函")
    expect(page.locator("tbody tr", has_text=GRADUATES[8].name)).to_contain_text("等待学生应约")


def test_graduate_declines(desk: Open, phone: Open, staged: Callable[..., int]) -> None:
    case_id = staged("graduate10")
    graduate = phone("graduate10")
    graduate.goto(f"/graduate/signing/{case_id}")
    with at_most(graduate, 2):  # and one from the home
        press(graduate, "拒绝")
        dialog(graduate).locator("[name=reason]").fill("已决定继续深造")
        look(graduate)
        agree(graduate)
    expect(graduate.locator("main")).to_contain_text("学生已拒绝签约")
    look(graduate)
    unit = desk("employer1")
    unit.goto("/employer/signings?tab=failed")
    unit.get_by_role("link", name=GRADUATES[9].name).click()
    expect(unit.locator("main")).to_contain_text("已决定继续深造")
    expect(unit.get_by_role("link", name="再次发起签约")).to_be_visible()
    look(unit)


def test_graduate_aborts_while_nobody_has_decided(desk: Open, phone: Open, staged: Callable[..., int]) -> None:
    """The unit can no longer withdraw and is told whom to ask; after the abort the graduate is free."""
    case_id = staged("graduate11", "accepted")
    unit = desk("employer1")
    unit.goto(f"/employer/signings/{case_id}")
    expect(unit.locator("main")).to_contain_text("中止签约")
    expect(unit.get_by_role("button", name="撤回签约")).to_have_count(0)
    graduate = phone("graduate11")
    graduate.goto(f"/graduate/signing/{case_id}")
    with at_most(graduate, 2):  # and one from the home
        press(graduate, "中止签约")
        look(graduate)
        agree(graduate)
    expect(graduate.locator("main")).to_contain_text("学生已中止签约")
    graduate.goto("/graduate/")
    look(graduate)
    staged("graduate11")
    graduate.reload()
    expect(graduate.locator("main")).to_contain_text("邀请您签约")


def test_school_rejects_with_a_reason(desk: Open, phone: Open, staged: Callable[..., int]) -> None:
    case_id = staged("graduate12", "accepted")
    school = desk("school10002")
    open_case_of(school, GRADUATES[11].name)
    press(school, "鉴证不通过")
    dialog(school).locator('[name="reject.reason_code"]').select_option("4")
    dialog(school).locator('[name="reject.reason"]').fill("专业名称与学籍不符")
    look(school)
    agree(school)
    graduate = phone("graduate12")
    graduate.goto(f"/graduate/signing/{case_id}")
    for words in ("学校审核不通过", "学生信息有误", "专业名称与学籍不符"):
        expect(graduate.locator("main")).to_contain_text(words)
    look(graduate)


def test_two_windows_of_one_reviewer(desk: Open, staged: Callable[..., int]) -> None:
    """What was decided in one window cannot be decided again in the other: told so, nothing broken."""
    staged("graduate14", "accepted")
    one, other = desk("school10284"), desk("school10284")
    for page in (one, other):
        open_case_of(page, GRADUATES[13].name)
    press(one, "审核通过")
    expect(one.get_by_text("学校审核通过")).to_be_visible()
    press(other, "审核不通过")
    dialog(other).locator('[name="reject.reason_code"]').select_option("9")
    dialog(other).locator('[name="reject.reason"]').fill("来不及了")
    agree(other)
    expect(other.locator("#flashes")).to_contain_text("当前状态为“签约审核通过”")
    expect(other.locator("main")).to_contain_text("签约审核通过")
    look(other)


def test_page_whose_session_is_over(phone: Open, staged: Callable[..., int]) -> None:
    """Pressed after the session has ended: led to the entrance, nothing done, and back again after the log-in."""
    case_id = staged("graduate15")
    page = phone("graduate15")
    page.goto(f"/graduate/signing/{case_id}")
    page.context.clear_cookies()
    press(page, "接受")
    page.wait_for_load_state()
    expect(page).to_have_url(re.compile("next="))
    look(page)
    fill_log_in(page, "graduate15")
    expect(page).to_have_url(re.compile(f"/graduate/signing/{case_id}$"))
    expect(page.locator("main")).to_contain_text("等待学生应约")


def fill_log_in(page: Page, account: str) -> None:
    """Name and password into the log-in that is open."""
    page.fill("input[name=username]", account)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")


@pytest.mark.parametrize(
    ("account", "door", "right"), [("employer2", "graduate", "单位"), ("graduate16", "school", "毕业生")]
)
def test_wrong_door_tells_the_right_one(desk: Open, account: str, door: str, right: str) -> None:
    page = desk()
    page.goto("/")
    look(page)
    page.goto(f"/login/{door}")
    fill_log_in(page, account)
    expect(page.get_by_role("alert").first).to_contain_text(right)
    look(page)
