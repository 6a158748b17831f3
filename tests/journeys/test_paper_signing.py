"""Signed on paper, in the browser: applied for, returned, corrected, stamped by the unit on its phone; and registered."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from app.base import clock
from tests.journeys.people import Open, agree, at_most, choose_region, dialog, eventually, look, press, prove
from tests.signing.paper.stage import UNIT, picture
from trial.demo.country import GRADUATES

# Both of 中国人民大学, where the school reviews alone, in a province with two parties.
APPLIES, REGISTERS = GRADUATES[8], GRADUATES[9]


def test_offline_from_the_application_to_the_signing(desk: Open, phone: Open) -> None:
    """Returned once and corrected; the unit, without an account, hands in the stamped copy on a phone."""
    graduate, school = phone("graduate9"), desk("school10002")
    graduate.goto("/graduate/")
    with at_most(graduate, 6 + 1):  # one of them is refused
        _take_the_way(graduate, "未签就业协议申请签约")
        _fill_in(graduate)
        _submit(graduate)
    _school_returns(school)
    _graduate_corrects(graduate)
    _school_decides(school, "/staff/online-signings/by-students", APPLIES.name, "审核通过")
    link = _graduate_sends_the_link(graduate)
    _unit_hands_in(phone(), link)
    graduate.reload()
    expect(graduate.locator("main")).to_contain_text("单位通过链接回传盖章协议书")
    _school_decides(school, "/staff/online-signings/by-students", APPLIES.name, "鉴证通过")
    expect(school.locator("main")).to_contain_text("签约审核通过")
    graduate.goto("/graduate/")
    expect(graduate.locator("main")).to_contain_text(f"已与{UNIT['name']}签约")
    look(graduate)


def test_a_paper_agreement_is_registered_with_its_picture(desk: Open, phone: Open) -> None:
    """已签就业协议登记信息, approved in one round; the school corrects the industry afterwards."""
    graduate, school = phone("graduate10"), desk("school10002")
    graduate.goto("/graduate/")
    with at_most(graduate, 7 + 1):  # one of them is refused
        _take_the_way(graduate, "已签就业协议登记信息")
        _fill_in(graduate, signed_on=(clock.today() - timedelta(days=9)).isoformat())
        expect(graduate.locator("main")).to_contain_text("纸质协议")
        graduate.locator("input[name='photo.paper_agreement']").set_input_files(files=[_file("1.jpg", 40)])
        expect(graduate.locator("[data-photos-list] .photo")).to_have_count(1)
        look(graduate)
        press(graduate, "保存，下一步")
        _submit(graduate)
    _school_decides(school, "/staff/supplementaries", REGISTERS.name, "审核通过")
    look(school)
    press(school, re.compile("^修改职位类别"))
    look(school)
    dialog(school).locator("select[name='edit_category.industry']").select_option(index=3)
    agree(school)
    graduate.goto("/graduate/")
    expect(graduate.locator("main")).to_contain_text(f"已与{UNIT['name']}签约")
    expect(graduate.locator("a.way", has_text="已签就业协议登记信息")).to_have_count(0)
    look(graduate)


def _take_the_way(page: Page, name: str) -> None:
    page.goto("/graduate/")
    look(page)
    page.locator("a.way", has_text=name).click()
    expect(page.locator("h1")).to_have_text(name)
    look(page)


def _fill_in(page: Page, *, signed_on: str = "") -> None:
    """All steps up to the pictures or the check."""
    for name in ("uscc", "name", "address", "contact", "phone"):
        page.fill(f"[name='employer.{name}']", UNIT[name])
    for name in ("nature", "industry"):
        page.select_option(f"[name='employer.{name}']", UNIT[name])
    choose_region(page, "河北省", "石家庄市", "桥西区")
    press(page, "保存，下一步")
    if signed_on:
        page.fill("[name=signed_on]", signed_on)
    press(page, "保存，下一步")
    expect(page.locator("[data-errors]")).to_contain_text("岗位名称")
    look(page)
    wanted = {"title": "设计员", "salary_month": "6500", "contact": UNIT["contact"], "phone": UNIT["phone"]}
    for name, value in {**wanted, "report_by": (clock.today() + timedelta(days=200)).isoformat()}.items():
        page.fill(f"[name='position.{name}']", value)
    page.select_option("[name='position.category']", "13")
    choose_region(page, "河北省", "石家庄市", "桥西区")
    press(page, "保存，下一步")
    page.fill("[name=clauses]", "甲方提供宿舍。")
    look(page)
    press(page, "保存，下一步")


def _submit(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("核对并提交")
    look(page)
    press(page, "提交审核")
    look(page)
    agree(page)
    prove(page)
    expect(page.get_by_text("已提交审核")).to_be_visible()
    look(page)


def _open(page: Page, place: str, name: str) -> None:
    page.goto(f"{place}/list/")
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("h1")).to_have_text(name)


def _school_returns(page: Page) -> None:
    _open(page, "/staff/online-signings/by-students", APPLIES.name)
    look(page)
    press(page, "退回修改")
    dialog(page).locator("[name='return.reason']").fill("单位地址不完整")
    dialog(page).locator("summary").click()
    dialog(page).locator("[name='return.fields.employer.address']").fill("请写到门牌号")
    look(page)
    agree(page)
    expect(page.locator("main")).to_contain_text("退回修改")


def _graduate_corrects(page: Page) -> None:
    page.goto("/graduate/")
    look(page)
    page.get_by_role("link", name="按审核意见修改").click()
    expect(page.locator("main")).to_contain_text("请写到门牌号")
    look(page)
    page.get_by_role("link", name="按审核意见修改").click()
    expect(page.locator("[id='f-employer.address-opinion']")).to_contain_text("请写到门牌号")
    look(page)
    page.fill("[name='employer.address']", "工农路 1 号 3 门")
    press(page, "保存，下一步")
    page.locator(".steps a", has_text="提交").click()
    _submit(page)


def _school_decides(page: Page, place: str, name: str, verb: str) -> None:
    _open(page, place, name)
    look(page)
    press(page, verb)
    expect(page.locator(".flashes, #flashes").first).to_contain_text(name)


def _graduate_sends_the_link(page: Page) -> str:
    page.goto("/graduate/")
    with at_most(page, 2):
        page.get_by_role("link", name="打印盖章并回传").click()
        address = str(page.get_by_role("link", name="下载 PDF").get_attribute("href"))
        eventually(page, lambda: page.request.get(address).headers["content-type"] == "application/pdf")
        look(page)
        page.fill("[name=phone]", "13900001111")
        press(page, "发送链接给单位")
    expect(page.locator("main")).to_contain_text("139****1111")
    look(page)
    link = page.locator("[data-link]").inner_text().strip()
    page.reload()
    expect(page.locator("[data-link]")).to_have_count(0)
    return link


def _unit_hands_in(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.locator("main")).to_contain_text(APPLIES.name)
    look(page)
    assert page.request.get(f"{link}/agreement.pdf").headers["content-type"] == "application/pdf"
    chosen = page.locator("input[name='photo.stamped_agreement']")
    chosen.set_input_files(files=[_file("第一页.jpg", 30)])
    chosen.set_input_files(files=[_file("第二页.jpg", 60)])
    expect(page.get_by_role("button", name="旋转")).to_have_count(2)
    look(page)
    press(page, "回传盖章协议书")
    expect(page.locator("h1")).to_have_text("盖章协议书已收到")
    look(page)
    page.goto(link.rsplit("/", 1)[0] + "/nothing")
    expect(page.locator("h1")).to_have_text("链接无效")
    look(page)


def _file(name: str, shade: int) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture(shade)}
