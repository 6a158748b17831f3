"""Archive and hukou in the browser: registered on a phone, returned, corrected, approved, changed, replaced (R7.12, R8.16)."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.people import Open, agree, at_most, dialog, follow, look, press
from trial.demo.country import GRADUATES

PERSON = GRADUATES[0]  # of a department of 北京大学, which reviews in two steps
RECEIVER = {
    "receiver": "北京市朝阳区人力资源公共服务中心",
    "address": "农展馆南里 12 号",
    "contact": "档案接收科",
    "phone": "010-65090000",
}


def test_an_archive_from_the_form_to_its_replacement(desk: Open, phone: Open) -> None:
    """Every page on the way: the graduate at 390 px, department and school at 1280 px."""
    graduate = phone("graduate1")
    _graduate_registers(graduate)
    department, school = desk("dept10001a"), desk("school10001")
    _department_returns(department)
    _graduate_corrects(graduate)
    _both_approve(department, school)
    _graduate_changes(graduate)
    _both_approve(department, school)
    graduate.goto("/graduate/household/")
    expect(graduate.locator("#card-archive").locator("xpath=../..")).to_contain_text("转回生源地")
    look(graduate)
    school.goto("/staff/archives/list/")
    expect(school.locator("tbody tr", has_text="已被替换")).to_have_count(1)
    expect(school.locator("tbody tr", has_text="审核通过")).to_have_count(1)
    look(school)
    _figures(school)
    _figures(desk("province11"), by_school=True)


def test_hukou_not_at_the_school_in_two_presses(phone: Open) -> None:
    """From the overview: open the choice, press once; approved, without a review."""
    page = phone("graduate2")
    page.goto("/graduate/household/")
    look(page)
    with at_most(page, 2):
        page.locator("section", has_text="户口信息登记").get_by_role("link", name="去登记").click()
        look(page)
        press(page, "我的户口不在学校")
    expect(page.locator("main")).to_contain_text("审核通过")
    expect(page.locator("main")).to_contain_text("免审通过")
    look(page)


def _graduate_registers(page: Page) -> None:
    page.goto("/graduate/")
    look(page)
    follow(page, re.compile("档案与户口"))  # type: ignore[arg-type]
    look(page)
    page.locator("section", has_text="档案信息登记").get_by_role("link", name="去登记").click()
    expect(page.locator("a.way").first).to_contain_text("建议")
    look(page)
    page.locator("a.way", has_text="托管单位接收").click()
    look(page)
    page.locator("form.card").evaluate("form => { form.noValidate = true }")
    press(page, "提交审核")
    expect(page.locator("[data-errors]")).to_contain_text("档案转寄单位名称")
    look(page)
    _fill(page, RECEIVER)
    for place, name in enumerate(("北京市", "市辖区", "朝阳区")):
        page.locator("[data-region] select").nth(place).select_option(label=name)
    press(page, "提交审核")
    expect(page.locator("main")).to_contain_text("审核中，等待学院审核")
    expect(page.locator("main")).to_contain_text("北京市 朝阳区")
    look(page)


def _fill(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


def _open_waiting(page: Page) -> None:
    page.goto("/staff/archives/list/")
    look(page)
    row = page.locator("tbody tr", has_text=PERSON.name).filter(has_text="审核中")
    row.get_by_role("link", name="详情").click()
    expect(page.locator("h1")).to_have_text(PERSON.name)
    look(page)


def _department_returns(page: Page) -> None:
    _open_waiting(page)
    page.locator("[data-dialog-open=return]:visible").click()
    opened: Any = dialog(page)
    opened.locator("[name='return.reason']").fill("地址不完整")
    opened.locator("summary").click()
    opened.locator("[name='return.fields.address']").fill("请写到房间号")
    look(page)
    agree(page)
    expect(page.locator("main")).to_contain_text("退回修改")


def _graduate_corrects(page: Page) -> None:
    page.goto("/graduate/household/")
    expect(page.locator("main")).to_contain_text("地址不完整")
    look(page)
    follow(page, "修改后重新提交")
    look(page)
    follow(page, "去修改")
    expect(page.locator("#f-address-opinion")).to_contain_text("请写到房间号")
    look(page)
    page.fill("[name=address]", "农展馆南里 12 号楼 302 室")
    press(page, "提交审核")
    expect(page.locator("main")).to_contain_text("审核中")


def _both_approve(department: Page, school: Page) -> None:
    for page in (department, school):
        _open_waiting(page)
        page.locator("#approve-form button").click()
        expect(page.locator("#flashes")).to_contain_text(PERSON.name)


def _graduate_changes(page: Page) -> None:
    page.goto("/graduate/household/")
    expect(page.locator("main")).to_contain_text("审核通过")
    look(page)
    page.locator("section", has_text="档案信息登记").get_by_role("link", name="登记变更").click()
    expect(page.locator("main")).to_contain_text("已通过的登记继续有效")
    page.locator("a.way", has_text="转回生源地").click()
    look(page)
    _fill(page, {"receiver": "生源地公共就业和人才服务中心", "address": "人民路 1 号"})
    press(page, "存为草稿")
    expect(page.locator("main")).to_contain_text("草稿")
    look(page)
    press(page, "提交审核")
    page.goto("/graduate/household/")
    expect(page.locator("main")).to_contain_text("新登记审核通过之前，仍以此为准")
    look(page)


def _figures(page: Page, *, by_school: bool = False) -> None:
    page.goto("/staff/statistics/archive/")
    tiles = page.locator(".tile__figure").all_inner_texts()
    total, registered, missing, moving = (int(text) for text in tiles)
    assert total == registered + missing + moving
    assert registered == 1
    look(page)
    if by_school:
        expect(page.locator("tbody tr", has_text="北京大学")).to_contain_text("已开启")
        follow(page, "北京大学")
        look(page)
    page.locator(".tile", has_text="已登记").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(PERSON.name)
    look(page)
