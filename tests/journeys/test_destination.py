"""升学 on a phone: found by questions, filled in, a photo, returned at a field, corrected, approved, voided; on every page
the looks that a page must stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.documents.pictures import picture
from tests.journeys.people import Open, agree, at_most, dialog, eventually, follow, look, messages, press, prove
from trial.demo.country import GRADUATES

PERSON = GRADUATES[7]  # graduate8 of 中国人民大学, which reviews alone
LIST = "/staff/destinations/list/"


class Thumb:
    """Counts what a person has to do: taps, and fields to type into."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.typed = page, 0, 0

    def link(self, name: str) -> None:
        """Tap a link."""
        self.taps += 1
        follow(self.page, name)

    def button(self, name: str) -> None:
        """Tap a button."""
        self.taps += 1
        press(self.page, name)

    def choose(self, name: str, value: str) -> None:
        """Tap an answer."""
        self.taps += 1
        self.page.check(f"[name='{name}'][value='{value}']")

    def type(self, name: str, text: str) -> None:
        """Type into a field."""
        self.taps, self.typed = self.taps + 1, self.typed + 1
        self.page.fill(f"[name='{name}']", text)

    def photo(self, name: str) -> None:
        """拍照, the shutter, 使用照片."""
        self.taps += 3
        file: Any = {"name": name, "mimeType": "image/jpeg", "buffer": picture("JPEG", (900, 1200))}
        self.page.locator("input[capture]").set_input_files([file])


def test_further_study_with_a_photo(phone: Open, desk: Open) -> None:
    """Under two minutes of clicks; then the whole way to the approval and its end."""
    page = phone("graduate8")
    _registers(page)
    school = desk("school10002")
    _school_returns_it(school)
    _graduate_corrects(page)
    _school_corrects_and_approves(school)
    _graduate_sees_and_voids(page)
    _school_sees_who_waits(school)


def _registers(page: Page) -> None:
    page.goto("/graduate/")
    look(page)
    thumb = Thumb(page)
    thumb.link("无需协议的去向")
    look(page)
    thumb.link("登记去向")
    expect(page.locator("h1")).to_have_text("毕业后您去做什么？")
    look(page)
    thumb.link("继续读书")
    thumb.link("国内的研究生")
    expect(page.locator("main")).to_contain_text("录取通知书或拟录取证明")
    look(page)
    thumb.button("开始填写")
    page.wait_for_url("**/edit")
    look(page)
    thumb.type("data.school_name", "北京理工大学")
    thumb.choose("data.degree", "硕士")
    thumb.type("data.major", "计算机科学与技术")
    thumb.choose("data.study_form", "1")
    thumb.photo("通知书.jpg")
    thumb.button("旋转通知书.jpg")
    expect(page.locator("[data-photos-say]")).to_contain_text("已旋转")
    expect(page.locator("[data-autosave-said]")).to_contain_text("已保存")
    look(page)
    thumb.button("核对并提交")
    expect(page.locator("main")).to_contain_text("计算机科学与技术")
    look(page)
    thumb.button("提交审核")
    prove(page)
    thumb.taps, thumb.typed = thumb.taps + 1, thumb.typed + 1
    expect(page.locator("main")).to_contain_text("等待学校审核")
    look(page)
    # A tap takes a person about two seconds, a short text ten.
    assert thumb.taps * 2 + thumb.typed * 10 < 120, (thumb.taps, thumb.typed)


def _open_case(page: Page) -> None:
    page.goto(LIST)
    page.get_by_role("link", name=PERSON.name).first.click()
    expect(page.locator("h1")).to_have_text(PERSON.name)


def _school_returns_it(page: Page) -> None:
    page.goto(LIST)
    look(page)
    _open_case(page)
    for words in ("北京理工大学", "硕士", "录取通知书"):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("img.paper")).to_be_visible()
    look(page)
    page.get_by_role("button", name="退回修改").click()
    dialog(page).locator("[name='return.reason']").fill("院校名称与通知书不一致")
    dialog(page).locator("summary").click()
    dialog(page).locator("[name='return.fields.data.school_name']").fill("通知书上是北京师范大学")
    look(page)
    agree(page)
    expect(page.get_by_text("去向登记退回修改").first).to_be_visible()


def _graduate_corrects(page: Page) -> None:
    told = messages(page)
    eventually(page, lambda: told.filter(has_text="退回").count() > 0)
    with at_most(page, 3):
        told.filter(has_text="退回").first.get_by_role("link").click()
        expect(page.locator(".field__opinion")).to_contain_text("通知书上是北京师范大学")
        expect(page.locator("[name='data.school_name']")).to_be_focused()
        look(page)
        page.fill("[name='data.school_name']", "北京师范大学")
        press(page, "核对并提交")
        press(page, "提交审核")
        prove(page)
    expect(page.locator("main")).to_contain_text("等待学校审核")


def _school_corrects_and_approves(page: Page) -> None:
    _open_case(page)
    expect(page.locator("main")).to_contain_text("北京师范大学")
    follow(page, "修改去向")
    look(page)
    page.fill("[name='data.major']", "计算机应用技术")
    page.fill("[name=reason]", "专业名称以通知书为准")
    press(page, "保存修改")
    expect(page.locator("main")).to_contain_text("计算机应用技术")
    look(page)
    press(page, "审核通过")
    expect(page.get_by_text("去向登记审核通过").first).to_be_visible()


def _graduate_sees_and_voids(page: Page) -> None:
    told = messages(page)
    eventually(page, lambda: told.filter(has_text="通过").count() > 0)
    page.goto("/graduate/destinations/")
    follow(page, "研究生")
    for words in ("修改前", "计算机科学与技术", "计算机应用技术", "专业名称以通知书为准"):
        expect(page.locator("main")).to_contain_text(words)
    look(page)
    page.goto("/graduate/")
    expect(page.locator("main")).to_contain_text("研究生")
    page.goto("/graduate/destinations/")
    with at_most(page, 3):
        follow(page, "研究生")
        press(page, re.compile("作废"))
        expect(dialog(page)).to_contain_text("待就业")
        look(page)
        agree(page)
        prove(page)
    expect(page.get_by_text("已作废").first).to_be_visible()
    look(page)


def _school_sees_who_waits(page: Page) -> None:
    page.goto("/staff/voided-records/list/")
    look(page)
    page.get_by_role("link", name=PERSON.name).first.click()
    expect(page.locator("main")).to_contain_text("研究生 北京师范大学")
    look(page)


def test_directed_graduate_sees_one_type_only(phone: Open) -> None:
    """培养方式 21: from the home to the one form without a question (R4.4)."""
    page = phone("graduate17")
    page.goto("/graduate/")
    expect(page.locator("main")).not_to_contain_text("无需协议的去向")
    follow(page, "定向/委培毕业去向补充登记")
    follow(page, "登记去向")
    expect(page.locator("h1")).to_have_text("定向/委培毕业去向补充登记")
    look(page)
    press(page, "开始填写")
    look(page)
    page.get_by_role("link", name="换一种去向").click()
    expect(page.locator("h1")).to_have_text("定向/委培毕业去向补充登记")


def test_unit_is_looked_up_while_typing(phone: Open) -> None:
    """The credit code of a registered unit offers its data; a pay below the minimum is told, not refused."""
    page = phone("graduate9")
    page.goto("/graduate/destinations/types/12")
    press(page, "开始填写")
    page.wait_for_url("**/edit")  # and all of it: a script that is not there yet hears no change
    page.fill("[name='data.uscc']", "91110108MX5PER7K08")
    page.locator("[name='data.employer']").focus()
    expect(page.locator("#unit")).to_contain_text("该单位已在平台注册")
    look(page)
    press(page, "填入这些信息")
    expect(page.locator("[name='data.employer']")).to_have_value("北京砚渡禾信息技术有限公司")
    expect(page.locator("[data-region] select").first).not_to_have_value("")
    page.fill("[name='data.pay']", "100")
    expect(page.locator("[data-autosave-said]")).to_contain_text("已保存")
    press(page, "核对并提交")
    expect(page.locator("[data-errors]")).to_contain_text("工作职位类别")
    expect(page.locator("[name='data.pay']")).to_have_value(re.compile("100"))
    look(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_form_works_with_scripts_off(phone: Callable[..., Page], theme: str) -> None:
    """Reading, saving, uploading and submitting need no script."""
    page = phone("graduate10" if theme == "light" else "graduate11", java_script_enabled=False, color_scheme=theme)
    page.goto("/graduate/destinations/types/46")
    press(page, "开始填写")
    press(page, "保存草稿")
    expect(page.locator("main")).to_contain_text("草稿已保存")
    page.locator("[name='photo.enlistment_notice']").set_input_files(
        [{"name": "入伍.jpg", "mimeType": "image/jpeg", "buffer": picture()}]
    )
    press(page, "上传所选文件")
    expect(page.locator(".photo")).to_contain_text("入伍.jpg")
    press(page, "核对并提交")
    press(page, "获取验证码")
    told = re.search(r"验证码 ?(\d{6})", page.locator("main").inner_text())
    assert told is not None
    page.fill("[name=code]", told[1])
    press(page, "提交审核")
    expect(page.locator("main")).to_contain_text("等待学校审核")
