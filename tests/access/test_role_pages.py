"""The role matrix in a real browser, at 1280 and at 390."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_an_operator_takes_a_permission_and_gives_it_back(desk: Open, axe: Callable[[Page], None]) -> None:
    page = desk("operator")
    page.goto("/staff/")
    page.get_by_role("link", name="角色与权限").click()
    expect(page.locator("h1")).to_have_text("角色与权限")
    axe(page)
    box = page.get_by_label("学校用户：线上签约 · 修改职位类别")
    expect(box).to_be_checked()
    box.uncheck()
    page.get_by_role("button", name="查看改动").click()
    expect(page.locator("h1")).to_have_text("确认修改 1 项权限？")
    expect(page.locator("main")).to_contain_text("线上签约 · 修改职位类别")
    axe(page)
    page.get_by_role("button", name="确认修改权限").click()
    expect(page.get_by_text("已修改 1 项权限")).to_be_visible()
    expect(page.get_by_label("学校用户：线上签约 · 修改职位类别")).not_to_be_checked()
    page.get_by_role("link", name="修改记录").click()
    expect(page.locator(".timeline")).to_contain_text("修改职位类别")
    axe(page)
    page.get_by_role("link", name="权限矩阵").click()
    row = page.get_by_role("row", name="学校用户").filter(has=page.get_by_role("button", name="恢复预置权限"))
    row.get_by_role("button", name="恢复预置权限").click()
    page.get_by_role("button", name="确认修改权限").click()
    expect(page.get_by_label("学校用户：线上签约 · 修改职位类别")).to_be_checked()


def test_role_is_copied_and_given_to_an_account(desk: Open, axe: Callable[[Page], None]) -> None:
    page = desk("operator")
    page.goto("/staff/roles/create")
    axe(page)
    page.get_by_label("角色名称").fill("学校查询岗")
    page.get_by_label("复制自").select_option(label="学校用户")
    page.get_by_role("button", name="创建角色").click()
    expect(page.get_by_text("角色“学校查询岗”已创建")).to_be_visible()
    page.goto("/staff/accounts/list/?_flt_0_username=school10284")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    page.get_by_role("link", name="修改角色").click()
    axe(page)
    page.get_by_label("学校查询岗").check()
    page.get_by_label("学校用户").uncheck()
    page.get_by_role("button", name="保存角色").click()
    expect(page.locator(".timeline")).to_contain_text("学校查询岗")


@pytest.mark.parametrize("path", ["list/", "list/?roles=3&roles=4", "compare?a=3&b=4", "create", "history", "assign/5"])
def test_pages_fit_a_phone(phone: Open, axe: Callable[[Page], None], path: str) -> None:
    page = phone("operator")
    page.goto(f"/staff/roles/{path}")
    expect(page.locator("h1")).to_be_visible()
    check_no_sideways_scrolling(page)
    axe(page)
