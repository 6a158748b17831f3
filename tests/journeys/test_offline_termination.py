"""Released from a signing on paper, in the browser: returned and corrected, one-sided with an explanation; mutual by letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.documents.pictures import picture
from tests.journeys.people import Open, agree, dialog, eventually, look, messages, press, prove
from tests.termination.offline_stage import Desk
from trial.demo.country import GRADUATES

ALONE, TOGETHER = GRADUATES[7], GRADUATES[0]  # of 中国人民大学 (school only), of 北京大学 (department first)


@pytest.fixture
def signed(app: Flask) -> Callable[..., int]:
    """A function: a signed registration of a paper agreement by this graduate; returns its id."""

    def set_up(*people: str) -> int:
        with app.app_context():
            number = Desk(*people).registered().id
            session.remove()
            return int(number)

    return set_up


def test_returned_corrected_and_released_without_the_unit(desk: Open, phone: Open, signed: Callable[..., int]) -> None:
    """The letter cannot be read, the unit gives no other: statement, explanation, 学生单方面解约."""
    number = signed("graduate8", "school10002")
    graduate, school = phone("graduate8"), desk("school10002")
    _begins(graduate, number)
    _is_told_what_is_missing(graduate)
    _hands_in(graduate, "11", "termination_letter")
    _school_returns(school)
    _graduate_corrects(graduate)
    _school_releases_alone(school)
    graduate.reload()
    expect(graduate.get_by_text("解约已生效")).to_be_visible()
    look(graduate)
    graduate.goto(f"/graduate/registered/{number}")
    expect(graduate.locator("main")).to_contain_text("已解约")
    look(graduate)
    eventually(school, lambda: school.get_by_text("待就业").count() > 0)


def test_withdrawn_handed_in_again_and_released_by_letter(desk: Open, phone: Open, signed: Callable[..., int]) -> None:
    """The department passes it on without a settlement; the school chooses 双方同意解约."""
    number = signed("graduate1", "school10001", "dept10001a")
    graduate = phone("graduate1")
    _begins(graduate, number)
    _hands_in(graduate, "16", "termination_letter")
    press(graduate, "撤回解约申请")
    look(graduate)
    agree(graduate)
    expect(graduate.get_by_text("已撤回解约申请")).to_be_visible()
    expect(graduate.get_by_text("本次申请已计数")).to_be_visible()
    press(graduate, "提交申请")
    prove(graduate)
    expect(graduate.locator("main")).to_contain_text("等待北京大学学院审核")
    department = desk("dept10001a")
    _open(department, TOGETHER.name)
    expect(department.get_by_text("学生单方面解约")).to_have_count(0)
    press(department, "鉴证通过")
    school = desk("school10001")
    _open(school, TOGETHER.name)
    expect(school.get_by_label("双方同意解约")).to_be_checked()
    look(school)
    press(school, "鉴证通过")
    expect(school.get_by_text("解约审核通过（已解约）").first).to_be_visible()
    _is_told(graduate, "解约已生效")


def _begins(page: Page, signing: int) -> None:
    page.goto(f"/graduate/registered/{signing}")
    expect(page.get_by_text("您还可提交 2 次")).to_be_visible()
    look(page)
    press(page, "申请解约")
    expect(page.locator("h1")).to_have_text("申请解约")
    look(page)


def _is_told_what_is_missing(page: Page) -> None:
    page.locator("[name=reason]").fill("拟参加硕士研究生复试")
    press(page, "提交申请")
    prove(page)
    wrong = page.locator("[data-errors]").first
    expect(wrong).to_contain_text("请选择解约原因")
    expect(wrong).to_contain_text("请上传解约函")
    expect(page.locator("[name=reason]")).to_have_value("拟参加硕士研究生复试")
    look(page)


def _upload(page: Page, kind: str) -> None:
    file: Any = {"name": "解约函.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(600, 800))}
    box = page.locator(f"#f-{kind}")
    before = box.locator("[data-photos-list] > li").count()
    box.locator(f"input[name='photo.{kind}']").set_input_files([file])
    expect(box.locator("[data-photos-list] > li")).to_have_count(before + 1)
    expect(box.locator("[data-photos-say]")).to_contain_text("已上传")


def _hands_in(page: Page, reason: str, kind: str) -> None:
    page.locator("[name=reason_code]").select_option(reason)
    _upload(page, kind)
    press(page, "保存草稿")
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    expect(page.locator("[name=reason_code]")).to_have_value(reason)
    look(page)
    press(page, "提交申请")
    prove(page)
    expect(page.get_by_text("解约申请已提交")).to_be_visible()
    look(page)


def _is_told(page: Page, words: str) -> None:
    """The newest message says so, once the workers have brought it."""
    messages(page)
    eventually(page, lambda: words in page.locator(".notices__item").first.inner_text())


def _open(page: Page, name: str) -> None:
    """解约管理 → 线下 → the newest application of this graduate."""
    page.goto("/staff/offline-terminations/list/")
    look(page)
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("h1")).to_have_text(name)


def _school_returns(page: Page) -> None:
    _open(page, ALONE.name)
    expect(page.locator("img.paper")).to_be_visible()
    look(page)
    page.get_by_label("学生单方面解约").check()
    page.locator("[name='approve.explanation']").fill("单位没有回应")
    press(page, "鉴证通过")
    expect(page.get_by_role("alert")).to_contain_text("需要学生的情况说明")
    look(page)
    press(page, "退回修改")
    dialog(page).locator("[name='return.reason']").fill("解约函无法辨认；单位不再出具的，请补交情况说明")
    dialog(page).locator("summary").click()
    dialog(page).locator("[name='return.fields.termination_letter']").fill("公章不清晰")
    look(page)
    agree(page)
    expect(page.get_by_text("解约退回修改").first).to_be_visible()


def _graduate_corrects(page: Page) -> None:
    _is_told(page, "请补交情况说明")
    page.locator(".notices__item").first.get_by_role("link").first.click()
    expect(page.locator("h1")).to_have_text("申请解约")
    expect(page.locator("#f-termination_letter")).to_contain_text("公章不清晰")
    expect(page.locator("[data-errors]")).to_be_focused()
    look(page)
    _upload(page, "statement")
    press(page, "提交申请")
    prove(page)
    expect(page.get_by_text("解约申请已提交")).to_be_visible()


def _school_releases_alone(page: Page) -> None:
    _open(page, ALONE.name)
    page.get_by_label("双方同意解约").check()
    expect(page.locator("[name='approve.explanation']")).to_be_hidden()
    page.get_by_label("学生单方面解约").check()
    page.locator("[name='approve.explanation']").fill("已电话核实，单位不再出具解约函")
    look(page)
    press(page, "鉴证通过")
    expect(page.get_by_text("解约审核通过（已解约）").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("已电话核实")
    look(page)
