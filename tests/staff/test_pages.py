"""账号管理 in a real browser, at 1280 and at 390: a province and a school make and change accounts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling, log_in

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
LIST = "/staff/accounts/list/"


def test_province_makes_a_school_account(desk: Open, axe: Callable[[Page], None]) -> None:
    page = desk("province11")
    page.goto("/staff/")
    page.get_by_role("link", name="账号管理").click()
    expect(page.locator("h1")).to_have_text("账号管理")
    axe(page)
    page.get_by_role("link", name="新增学校账号").click()
    expect(page.get_by_role("group", name="档案信息").get_by_label("无权限")).to_be_checked()
    expect(page.get_by_role("group", name="基本信息和就业信息").get_by_label("读写")).to_be_checked()
    axe(page)
    page.locator("#f-username").fill("school10002yjs")
    page.locator("#f-name").fill("研究生院")
    page.locator("#f-school").select_option("10002")
    page.get_by_label("研究生").check()
    page.get_by_role("group", name="档案信息").get_by_label("只读").check()
    page.get_by_role("button", name="创建账号").click()
    expect(page.get_by_text("账号 school10002yjs 已创建")).to_be_visible()
    expect(page.locator("main")).to_contain_text("中国人民大学")
    password = page.locator("code.password").inner_text()
    axe(page)
    other = desk()
    log_in(other, "school10002yjs", password)
    expect(other.locator("main")).to_contain_text("密码")  # the own one is chosen before anything else
    expect(other).not_to_have_url(re.compile(r"/staff/$"))


def test_province_of_one_school_need_not_choose_it(desk: Open) -> None:
    page = desk("province44")
    page.goto("/staff/accounts/create/school")
    assert "中山大学" in page.inner_text("main form")
    page.fill("#f-username", "sysu-second")
    page.fill("#f-name", "欧阳䶮·㛃")
    page.get_by_role("button", name="创建账号").click()
    expect(page.locator("code.password")).to_be_visible()
    assert "欧阳䶮·㛃" in page.inner_text("main")
    assert "Macro" not in page.inner_text("main")


def test_school_is_told_the_near_departments_and_chooses_one(desk: Open, axe: Callable[[Page], None]) -> None:
    page = desk("school10001")
    page.goto("/staff/accounts/create/department")
    options = page.locator("#departments option").evaluate_all("all => all.map(one => one.value)")
    page.locator("#f-username").fill("dept10001near")
    page.locator("#f-name").fill("院系教务")
    page.locator("#f-department").fill(options[0] + "处")
    page.get_by_role("button", name="创建账号").click()
    expect(page.locator("#f-department-error")).to_contain_text("名单中没有")
    axe(page)
    page.get_by_label(options[0], exact=True).check()
    page.get_by_role("button", name="创建账号").click()
    expect(page.get_by_text("已创建")).to_be_visible()
    expect(page.locator("main")).to_contain_text(options[0])


def test_change_holds_at_once_and_is_written_down(desk: Open, axe: Callable[[Page], None]) -> None:
    department, page = desk("dept10001b"), desk("school10001")
    department.goto("/staff/")
    page.goto(f"{LIST}?_flt_0_username=dept10001b")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    page.get_by_role("link", name="修改账号").click()
    page.get_by_role("group", name="基本信息和就业信息").get_by_label("只读").check()
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("立即生效")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("读写 → 只读")
    axe(page)
    department.goto("/staff/")
    expect(department).to_have_url(re.compile(r"/login/school\?next="))


def test_department_has_no_account_management(desk: Open) -> None:
    page = desk("dept10001a")
    page.goto("/staff/")
    expect(page.get_by_role("link", name="账号管理")).to_have_count(0)
    assert page.goto(LIST).status == 403  # type: ignore[union-attr]


@pytest.mark.parametrize("who", ["operator", "province11", "school10001"])
def test_pages_fit_a_phone(phone: Open, axe: Callable[[Page], None], who: str) -> None:
    page = phone(who)
    kinds = {"operator": "department", "province11": "school", "school10001": "department"}
    for path in (LIST, f"/staff/accounts/create/{kinds[who]}"):
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        check_no_sideways_scrolling(page)
        axe(page)
    page.goto(f"{LIST}?_flt_0_username=dept10001a" if who != "province11" else f"{LIST}?_flt_0_username=school10002")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    expect(page.locator(".split")).to_be_visible()
    check_no_sideways_scrolling(page)
    axe(page)
