"""Activation and registration as people do them, at 390 and 1280 px, with accessibility rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.entrances.conftest import NEW_PASSWORD, PEOPLE
from tests.fixtures.browser import check_no_sideways_scrolling, prove

pytestmark = pytest.mark.usefixtures("database")


def look(page: Page, axe: Callable[..., None]) -> None:
    """Nothing too wide, nothing that a screen reader cannot use."""
    axe(page)
    check_no_sideways_scrolling(page)


def trial_code(page: Page) -> str:
    """The code that the development channel shows on the page."""
    return page.get_by_text("消息内容为").inner_text()[-6:]


@pytest.mark.parametrize(("size", "name"), [("phone", "何婷"), ("desk", "李天波")])
def test_graduate_activates_and_manages_the_account(
    request: pytest.FixtureRequest, axe: Callable[..., None], size: str, name: str
) -> None:
    page: Page = request.getfixturevalue(size)()
    person = PEOPLE[name]
    page.goto("/login/graduate")
    look(page, axe)
    page.get_by_role("link", name="激活账号").click()
    look(page, axe)
    page.get_by_label("姓名").fill(name)
    page.get_by_label("身份证号").fill("110101199001011234")
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_role("alert")).to_contain_text("学生名单中没有")
    look(page, axe)
    page.get_by_label("身份证号").fill(person.id_number)
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text(f"{person.mobile[:3]}****{person.mobile[-4:]}")).to_be_visible()
    look(page, axe)
    code = trial_code(page)
    page.get_by_label("验证码").fill("000000" if code != "000000" else "111111")
    page.get_by_label("用户名").fill(f"new{person.mobile[-4:]}")
    page.locator("#f-password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="激活账号").click()
    expect(page.get_by_text("还可尝试 4 次")).to_be_visible()
    look(page, axe)
    page.get_by_label("验证码").fill(code)
    page.locator("#f-password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="激活账号").click()
    page.wait_for_url("**/graduate/confirm")
    page.get_by_role("button", name="信息确认无误").click()
    prove(page)
    page.wait_for_url("**/graduate/")
    page.goto("/graduate/me")
    page.get_by_role("link", name="进入登录与安全").click()
    look(page, axe)
    page.get_by_label("新的手机号或邮箱").fill("13900050001" if size == "phone" else "me@mail.example")
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("验证码").fill(trial_code(page))
    look(page, axe)
    page.get_by_role("button", name="保存新的手机号或邮箱").click()
    expect(page.get_by_text("将同步到就业管理系统").first).to_be_visible()
    look(page, axe)


@pytest.mark.parametrize(("size", "address"), [("phone", "13900050003"), ("desk", "hr@unit.example")])
def test_employer_registers(request: pytest.FixtureRequest, axe: Callable[..., None], size: str, address: str) -> None:
    page: Page = request.getfixturevalue(size)()
    page.goto("/")
    page.get_by_role("link", name="单位注册").click()
    look(page, axe)
    page.get_by_label("手机号或邮箱").fill(address)
    page.get_by_role("button", name="获取验证码").click()
    look(page, axe)
    page.get_by_label("验证码").fill(trial_code(page))
    page.get_by_label("真实姓名").fill("庄若水")
    page.get_by_label("用户名").fill(f"hr-{size}")
    page.locator("#f-password").fill("short")
    page.get_by_role("button", name="注册").click()
    expect(page.locator(".field__error")).to_be_visible()
    look(page, axe)
    page.locator("#f-password").fill(NEW_PASSWORD)
    page.get_by_label("验证码").fill(trial_code(page))
    page.get_by_role("button", name="注册").click()
    page.wait_for_url("**/employer/verification/**")
    expect(page).to_have_url(re.compile("/employer/verification/"))
    look(page, axe)
    page.goto("/employer/account")
    look(page, axe)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_staff_and_recovery_pages(request: pytest.FixtureRequest, axe: Callable[..., None], size: str) -> None:
    opened: Any = request.getfixturevalue(size)
    page: Page = opened("school10002")
    page.goto("/staff/account")
    look(page, axe)
    stranger: Page = opened()
    stranger.goto("/recover/graduate")
    look(stranger, axe)
    stranger.get_by_label("用户名或身份证号").fill("graduate16")
    stranger.get_by_role("button", name="获取验证码").click()
    expect(stranger.get_by_text("如果该账号存在")).to_be_visible()
    look(stranger, axe)
