"""解约 in the browser: by the graduate, by the unit, refused, rejected, withdrawn, by force; desks and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.journeys import people
from tests.journeys.people import Open, agree, at_most, dialog, follow, look, press, prove
from tests.signing.stage import Stage, fire, invite, user
from trial.demo.country import GRADUATES

Sign = Callable[..., int]
REVIEWERS = {"graduate1": "dept10001a", "graduate4": "dept10001b"}


@pytest.fixture
def signed(app: Flask) -> Sign:
    """A function: an agreement of employer1 with this graduate, in force; returns its id."""

    def set_up(graduate: str) -> int:
        with app.app_context():
            if graduate in REVIEWERS:
                case = Stage("employer1", graduate, REVIEWERS[graduate], "school10001").bring("signed")
            else:
                case = invite(user("employer1"), user(graduate))
                fire(case, "accept", user(graduate))
                fire(case, "approve", user("school10002"))
            session.remove()
            return int(case.id)

    return set_up


def name_of(graduate: str) -> str:
    """The graduate's name in the demonstration."""
    return GRADUATES[int(graduate.removeprefix("graduate")) - 1].name


def ask_on_the_phone(page: Page, signing: int) -> None:
    """申请解约 on the page of the agreement: reason, words, what counts; sent."""
    page.goto(f"/graduate/signing/{signing}")
    look(page)
    with at_most(page, 2):  # and two from the home
        follow(page, "申请解约")
        expect(page.locator("main")).to_contain_text("计次规则")
        look(page)
        page.select_option("[name=reason_code]", "16")
        page.fill("[name=reason]", "收到了离家更近的录用通知，已与单位人事沟通")
        press(page, "提交解约申请")
        prove(page)
    expect(page.locator("main")).to_contain_text("学生发起解约，等待单位应约")
    look(page)


def open_termination_of(page: Page, name: str) -> None:
    """解约管理, tab 线上 → the review page of the newest application of this graduate."""
    page.goto("/staff/online-terminations/list/")
    look(page)
    page.locator("main").get_by_role("link", name=name).first.click()
    expect(page.locator("h1")).to_have_text(name)
    look(page)


def expect_tabs(page: Page, name: str, **there: bool) -> None:
    """In which tabs of the unit's list the graduate is found."""
    for tab, is_there in there.items():
        page.goto(f"/employer/signings?tab={tab}")
        expect(page.locator("tbody tr", has_text=name)).to_have_count(1 if is_there else 0)


def test_graduate_asks_unit_agrees_and_both_stages_pass(desk: Open, phone: Open, signed: Sign) -> None:
    signing, name = signed("graduate1"), name_of("graduate1")
    graduate, unit = phone("graduate1"), desk("employer1b")
    ask_on_the_phone(graduate, signing)
    expect(graduate.get_by_role("link", name="申请解约")).to_have_count(0)
    unit.goto("/employer/")
    expect(unit.locator("section", has_text="等待贵单位回应").get_by_role("link", name=name)).to_be_visible()
    look(unit)
    expect_tabs(unit, name, terminating=True, signed=False)
    look(unit)
    unit.goto("/employer/signings?tab=terminating&state=waiting_employer")
    unit.get_by_role("link", name=name).click()
    expect(unit.locator("main")).to_contain_text("离家更近的录用通知")
    look(unit)
    press(unit, "同意解约")
    look(unit)
    agree(unit)
    expect(unit.locator("main")).to_contain_text("已同意解约，等待学院审核")
    department = desk("dept10001a")
    open_termination_of(department, name)
    expect(department.get_by_role("button", name="强制解约")).to_have_count(0)
    press(department, "鉴证通过")
    expect(department.locator("main")).to_contain_text("已同意解约，等待学校审核")
    school = desk("school10001")
    school.goto("/staff/modules/employment")
    expect(school.locator("main")).to_contain_text("已同意解约，等待学校审核")
    look(school)
    open_termination_of(school, name)
    press(school, "鉴证通过")
    expect(school.locator("main")).to_contain_text("解约审核通过（已解约）")
    look(school)
    graduate.reload()
    expect(graduate.locator("main")).to_contain_text("已解约")
    expect(graduate.locator("main")).to_contain_text("可以与其他单位签约")
    look(graduate)
    expect_tabs(unit, name, terminating=False, terminated=True, signed=False)
    look(unit)


def test_unit_asks_graduate_refuses_then_agrees_and_school_rejects(desk: Open, phone: Open, signed: Sign) -> None:
    signing, name = signed("graduate7"), name_of("graduate7")
    unit, graduate = desk("employer1"), phone("graduate7")
    unit.goto("/employer/signings?tab=signed")
    unit.get_by_role("link", name=name).click()
    look(unit)
    for words, answer in (("业务调整，岗位取消", "拒绝解约"), ("岗位取消，已与学生协商一致", "同意解约")):
        press(unit, "发起解约")
        dialog(unit).locator("[name=reason]").fill(words)
        look(unit)
        agree(unit)
        expect(unit.locator("main")).to_contain_text("单位发起解约，等待学生应约")
        graduate.goto(f"/graduate/signing/{signing}")
        expect(graduate.locator("main")).to_contain_text(words)
        look(graduate)
        with at_most(graduate, 2):  # and two from the home
            press(graduate, answer)
            if answer == "拒绝解约":
                dialog(graduate).locator("[name=reason]").fill("已在当地租房")
            look(graduate)
            agree(graduate)
            if answer == "同意解约":
                prove(graduate)
        if answer == "拒绝解约":
            expect(graduate.locator("main")).to_contain_text("学生拒绝解约（解约失败）")
            expect_tabs(unit, name, termination_failed=True, signed=True, terminating=False)
            look(unit)
            unit.goto(f"/employer/signings/{signing}")
            expect(unit.locator("main")).to_contain_text("已在当地租房")
    expect(graduate.locator("main")).to_contain_text("已同意解约，等待学校审核")
    school = desk("school10002")
    open_termination_of(school, name)
    press(school, "鉴证不通过")
    dialog(school).locator("[name='reject.reason_code']").select_option("9")
    dialog(school).locator("[name='reject.reason']").fill("违约金尚未结清")
    look(school)
    agree(school)
    expect(school.locator("main")).to_contain_text("解约审核不通过（解约失败）")
    expect_tabs(unit, name, termination_failed=True, signed=True)
    graduate.reload()
    expect(graduate.locator("main")).to_contain_text("违约金尚未结清")
    look(graduate)


def test_graduate_withdraws_until_none_is_left(phone: Open, desk: Open, signed: Sign) -> None:
    """Two applications are allowed there; the third is not offered, and the reason is said (R3.4)."""
    signing = signed("graduate8")
    graduate = phone("graduate8")
    for left in ("还可提交 1 次", "次数已用完"):
        ask_on_the_phone(graduate, signing)
        press(graduate, "撤回解约申请")
        look(graduate)
        agree(graduate)
        expect(graduate.locator("main")).to_contain_text("发起方已撤回")
        expect(graduate.locator("main")).to_contain_text(left)
    expect(graduate.get_by_role("link", name="申请解约")).to_have_count(0)
    graduate.goto(f"/graduate/signing/{signing}/terminate")
    expect(graduate).to_have_url(re.compile(f"/graduate/signing/{signing}$"))
    look(graduate)
    expect_tabs(desk("employer1"), name_of("graduate8"), signed=True, terminating=False, termination_failed=False)


def test_school_terminates_by_force(desk: Open, phone: Open, signed: Sign) -> None:
    """Only the school, with an explanation and the end of the number typed; the unit reads why."""
    signing, name = signed("graduate4"), name_of("graduate4")
    ask_on_the_phone(phone("graduate4"), signing)
    school = desk("school10001")
    school.goto(f"/staff/online-signings/show/{signing}")
    expect(school.get_by_role("button", name="作废")).to_have_count(0)
    open_termination_of(school, name)
    press(school, "强制解约")
    expect(dialog(school)).to_contain_text("以防出现纠纷")
    verb = dialog(school).locator("button[type=submit]")
    expect(verb).to_be_disabled()
    look(school)
    number = re.search(r"\d{18}", dialog(school).inner_text())
    assert number
    dialog(school).locator("[name='force.explanation']").fill("单位三个月未处理，电话核实后同意")
    dialog(school).locator("[data-confirm-match]").fill(number[0][-4:])
    verb.click()
    expect(school.locator("main")).to_contain_text("强制解约（已解约）")
    look(school)
    unit = desk("employer1")
    expect_tabs(unit, name, terminating=False, terminated=True)
    unit.get_by_role("link", name=name).click()
    expect(unit.locator("main")).to_contain_text("单位三个月未处理")
    look(unit)
    graduate = phone("graduate4")
    graduate.goto("/graduate/")
    look(graduate)
    for page in (unit, graduate):
        people.eventually(page, lambda page=page: people.messages(page).filter(has_text="强制解除").count())
