"""协议变更 in the browser: proposed on a phone and at a desk, agreed to by the other side, decided, kept beside the agreement."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.base.database import session
from tests.journeys.people import Open, agree, follow, look, press, prove
from tests.signing.stage import fire, invite, user
from trial.demo.country import GRADUATES


@pytest.fixture
def signed(app: Flask) -> Callable[[str], int]:
    """A function: an agreement of employer1 with this graduate of 10002, in force; returns its id."""

    def set_up(graduate: str) -> int:
        with app.app_context():
            case = invite(user("employer1"), user(graduate))
            fire(case, "accept", user(graduate))
            fire(case, "approve", user("school10002"))
            session.remove()
            return int(case.id)

    return set_up


def test_a_graduate_proposes_on_the_phone_and_the_school_decides(
    desk: Open, phone: Open, signed: Callable[[str], int]
) -> None:
    signing, name = signed("graduate7"), GRADUATES[6].name
    graduate, unit, school = phone("graduate7"), desk("employer1"), desk("school10002")
    graduate.goto(f"/graduate/signing/{signing}")
    look(graduate)
    follow(graduate, "发起协议变更")
    look(graduate)
    graduate.fill("[name='position.salary_month']", "8千")
    graduate.fill("[name=reason]", "入职前双方重新商定")
    press(graduate, "发送变更")
    prove(graduate)
    expect(graduate.locator("main")).to_contain_text("学生发起变更，等待单位确认")
    look(graduate)
    unit.goto("/employer/")
    waits = unit.locator("section", has_text="等待贵单位回应").get_by_role("link", name=name)
    expect(waits).to_be_visible()
    look(unit)
    unit.goto(f"/employer/signings/{signing}")
    look(unit)
    unit.locator("section", has_text="协议变更").locator("a.item__link").click()
    expect(unit.locator("main")).to_contain_text("8000.00 元")
    look(unit)
    press(unit, "同意变更")
    agree(unit)
    school.goto("/staff/amendments/list/")
    look(school)
    school.locator("main").get_by_role("link", name=name).first.click()
    look(school)
    press(school, "鉴证通过")
    expect(school.locator("main")).to_contain_text("变更审核通过（已生效）")
    graduate.goto(f"/graduate/signing/{signing}")
    expect(graduate.locator("main")).to_contain_text("¥8,000")
    expect(graduate.locator("main")).to_contain_text("变更审核通过（已生效）")
    expect(graduate.get_by_role("link", name="申请解约")).to_be_visible()
    look(graduate)


def test_a_unit_proposes_and_the_graduate_refuses(desk: Open, phone: Open, signed: Callable[[str], int]) -> None:
    signing = signed("graduate8")
    unit, graduate = desk("employer1"), phone("graduate8")
    unit.goto(f"/employer/signings/{signing}")
    follow(unit, "发起协议变更")
    look(unit)
    unit.fill("[name='position.title']", "测试工程师")
    unit.fill("[name=reason]", "部门调整")
    press(unit, "发送变更")
    expect(unit.locator("main")).to_contain_text("等待学生确认")
    graduate.goto("/graduate/")
    expect(graduate.locator("main")).to_contain_text("变更")
    look(graduate)
    graduate.goto(f"/graduate/signing/{signing}")
    graduate.locator("section", has_text="协议变更").locator("a.item__link").click()
    expect(graduate.locator("main")).to_contain_text("测试工程师")
    look(graduate)
    press(graduate, "不同意变更")
    graduate.locator("dialog[open] [name=reason]").fill("岗位与约定不符")
    agree(graduate)
    expect(graduate.locator("main")).to_contain_text("学生不同意变更")
    look(graduate)
    graduate.goto(f"/graduate/signing/{signing}")
    expect(graduate.locator("main")).not_to_contain_text("测试工程师")
