"""From nothing: province44 opens its modules, school10558 makes its settings; before that every door refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.browser import log_in

pytestmark = pytest.mark.browser

Opens = Callable[..., Page]
Axe = Callable[[Page], None]
CONTACT = {"name": "梁景行", "phone": "020-84110000", "address": "广州市海珠区新港西路135号", "postcode": "510275"}


def _fits(page: Page) -> None:
    """Nothing runs over the edge."""
    width = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], width


def _fill_contact(page: Page, level: str) -> None:
    for name, value in CONTACT.items():
        page.fill(f"[name=contact-{level}-{name}]", value)


def test_nothing_can_be_entered_before_the_province_has_opened(
    app: Flask, desk: Opens, axe: Axe, api: Callable[..., Any]
) -> None:
    page = desk("school10558")
    page.goto("/staff/")
    expect(page.get_by_text("暂时没有可进入的功能模块")).to_be_visible()
    axe(page)
    modules = page.get_by_role("navigation", name="业务模块").first
    expect(modules.locator("a")).to_have_count(0)
    expect(modules).to_contain_text("省级用户尚未开启该模块")
    assert "签约设置" not in page.locator("#side").inner_text()
    for path in ("/staff/settings/employment/", "/staff/online-signings/list/", "/staff/modules/employment"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403, path
        expect(page.get_by_text("所在省份尚未开启该功能模块")).to_be_visible()
    caller = api("school10558")
    assert caller.get("/settings/school").status_code == 409
    assert caller.put("/settings/school", {"open": True}).get_json()["code"] == "province_not_open"
    for path in ("/online_signing/", "/online_signing/1", "/graduates/"):
        assert caller.get(path).status_code in (403, 404), path


def test_province_opens_signing_asked_twice(desk: Opens, phone: Opens, axe: Axe) -> None:
    page = desk("province44")
    page.goto("/staff/")
    page.get_by_role("link", name="前往功能设置").click()
    expect(page.get_by_role("heading", name="功能设置")).to_be_visible()
    expect(page.locator(".card", has_text="毕业去向登记与网签").get_by_text("未开启", exact=True)).to_be_visible()
    axe(page)
    small = phone("province44")
    small.goto("/staff/settings/province/")
    axe(small)
    _fits(small)
    page.get_by_role("region", name="毕业去向登记与网签").get_by_role("link", name="开启此模块").click()
    axe(page)
    page.get_by_role("button", name="下一步").click()  # nothing chosen: the browser keeps the form
    expect(page).to_have_url(re.compile("/province/employment$"))
    page.get_by_label("三方协议").check()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("此操作不可撤销")).to_be_visible()
    axe(page)
    page.get_by_label("请输入涉及的学校数量").fill("7")
    page.get_by_role("button", name="确认开启").click()
    expect(page.get_by_text("与涉及的学校数量不一致").first).to_be_visible()
    page.get_by_label("请输入涉及的学校数量").fill("1")
    page.get_by_role("button", name="确认开启").click()
    expect(page.get_by_text("已对本省全部高校开启")).to_be_visible()
    card = page.get_by_role("region", name="毕业去向登记与网签")
    expect(card.get_by_text("三方协议", exact=True)).to_be_visible()
    expect(card).to_contain_text("司徒岭")
    expect(card.get_by_role("link", name="开启此模块")).to_have_count(0)
    page.goto("/staff/settings/province/employment")
    expect(page.get_by_text("该模块已开启，不可修改或关闭")).to_be_visible()


def test_school_makes_its_settings(desk: Opens, axe: Axe) -> None:
    page = desk("school10558")
    page.goto("/staff/")  # one module can be used: straight home
    expect(page).to_have_url(re.compile("/staff/$"))
    page.locator("#side").get_by_role("link", name="签约设置").click()
    expect(page.get_by_text("本届尚未提交设置")).to_be_visible()
    axe(page)
    page.get_by_role("group", name="在线签约开关").get_by_label("开启").check()
    page.get_by_label("先院系再校级审核").check()
    page.get_by_label("毕业生可提交解约申请最大次数").fill("3")
    _fill_contact(page, "all")
    page.get_by_role("button", name="提交设置").click()
    expect(page.get_by_role("alert")).to_contain_text("以下院系还没有可用的“读写”权限院系账号")
    expect(page.locator("[name=contact-all-name]")).to_have_value("梁景行")
    axe(page)
    page.get_by_label("仅校级审核").check()
    page.fill("[name=contact-all-phone]", "123")
    page.get_by_label("毕业生可提交解约申请最大次数").fill("100")
    page.get_by_role("button", name="提交设置").click()
    expect(page.locator("#f-contact-all-phone-error")).to_be_visible()
    expect(page.locator("#f-max_terminations-error")).to_contain_text("0 至 99")
    axe(page)
    page.fill("[name=contact-all-phone]", CONTACT["phone"])
    page.get_by_label("毕业生可提交解约申请最大次数").fill("3")
    page.get_by_role("button", name="提交设置").click()
    expect(page.get_by_role("heading", name="请再次确认")).to_be_visible()
    expect(page.get_by_text("一经提交不可再修改")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_text("设置已保存并立即生效")).to_be_visible()
    expect(page.get_by_text("已提交，不可修改")).to_be_visible()
    expect(page.locator("[name=contact-all-name]")).to_have_count(0)
    history = page.get_by_role("region", name="修改记录")
    expect(history).to_contain_text("首次提交")
    expect(history).to_contain_text("school10558")
    axe(page)


def test_settings_are_changed_on_a_phone(phone: Opens, axe: Axe) -> None:
    page = phone("school10558")
    page.goto("/staff/settings/employment/")
    _fits(page)
    axe(page)
    page.get_by_label("毕业生可提交解约申请最大次数").fill("5")
    page.get_by_role("button", name="保存设置").click()
    expect(page.get_by_text("设置已保存并立即生效")).to_be_visible()
    expect(page.get_by_role("region", name="修改记录")).to_contain_text("5")


def test_other_cohort_has_its_own_settings(desk: Opens) -> None:
    page = desk("school10558")
    page.goto("/staff/settings/employment/")
    page.locator(".topbar summary", has_text="届").click()
    page.locator(".topbar .menu__sheet a", has_text="2026").click()
    expect(page.get_by_text("本届尚未提交设置")).to_be_visible()
    page.goto("/staff/settings/employment/?cohort=2025")
    expect(page.get_by_text("该届别已结束")).to_be_visible()
    expect(page.get_by_role("button", name="提交设置")).to_have_count(0)


def test_province_sees_what_its_schools_have_set(desk: Opens, axe: Axe) -> None:
    page = desk("province44")
    page.goto("/staff/settings/province/")
    row = page.locator("tbody tr", has_text="中山大学")
    row.get_by_role("link").first.click()
    expect(page.get_by_text("只能由学校修改")).to_be_visible()
    expect(page.get_by_text("梁景行").first).to_be_visible()
    expect(page.locator("form[method=post] [name=open]")).to_have_count(0)
    axe(page)


def test_second_module_brings_the_choice_after_log_in(desk: Opens, phone: Opens, axe: Axe) -> None:
    page = desk("province44")
    page.goto("/staff/settings/province/archive")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("请输入涉及的学校数量").fill("1")
    page.get_by_role("button", name="确认开启").click()
    expect(page.get_by_text("已对本省全部高校开启")).to_be_visible()
    for opens in (desk, phone):
        page = opens()
        log_in(page, "school10558")
        expect(page).to_have_url(re.compile("/staff/modules/$"))
        axe(page)
        _fits(page)
        expect(page.locator(".way[aria-disabled]")).to_contain_text("户口信息登记")
    page = desk()
    log_in(page, "school10558")
    page.locator(".way", has_text="档案信息登记").click()
    expect(page.locator(".topbar__modules [aria-current=true]")).to_have_text("档案信息登记")
    side = page.locator("#side")
    expect(side.get_by_role("link", name="档案登记设置")).to_be_visible()
    expect(side.get_by_role("link", name="签约设置")).to_have_count(0)
    expect(side.get_by_role("link", name="在线签约管理")).to_have_count(0)
    side.get_by_role("link", name="档案登记设置").click()
    page.get_by_role("group", name="登记开关").get_by_label("开启").check()
    page.get_by_label("仅校级审核").check()
    page.get_by_role("group", name="可登记的类型").get_by_label("保留原校").uncheck()
    page.get_by_role("button", name="提交设置").click()
    page.get_by_role("button", name="确认开启并保存").click()
    expect(page.get_by_text("设置已保存并立即生效")).to_be_visible()
    expect(page.get_by_role("group", name="可登记的类型").get_by_label("保留原校")).not_to_be_checked()
    axe(page)
    page.locator(".topbar__modules").get_by_role("link", name="毕业去向登记与网签").click()
    expect(side.get_by_role("link", name="签约设置")).to_be_visible()
    expect(side.get_by_role("link", name="档案登记设置")).to_have_count(0)


def test_department_has_the_choice_but_no_settings(desk: Opens, axe: Axe) -> None:
    page = desk()
    log_in(page, "dept10001a")
    expect(page).to_have_url(re.compile("/staff/modules/$"))
    page.locator(".way", has_text="毕业去向登记与网签").click()
    expect(page.locator("#side").get_by_role("link", name="在线签约管理")).to_be_visible()
    expect(page.locator("#side").get_by_role("link", name="签约设置")).to_have_count(0)
    answer = page.goto("/staff/settings/employment/")
    assert answer is not None
    assert answer.status == 403
    axe(page)
