"""The provider of text messages is broken: the graduate is told what to do, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.fixtures.browser import check_no_sideways_scrolling
from tests.notices.provider import Provider
from tests.signing.stage import Stage, invite, user

pytestmark = pytest.mark.browser
TYPED = "收到了离家更近的录用通知，已与单位人事沟通"


@pytest.fixture(scope="module", autouse=True)
def provider(environment: dict[str, str]) -> Iterator[Provider]:
    """A provider that takes no message: the account with it is empty."""
    with Provider() as broken, pytest.MonkeyPatch.context() as patch:
        broken.answer("/", (400, {"Code": "isv.AMOUNT_NOT_ENOUGH", "Message": "balance"}))
        settings = {"ACCESS_KEY": "key", "ACCESS_SECRET": "secret", "SIGN_NAME": "就业", "TEMPLATE_CODE": "SMS_1"}
        for name, value in {**settings, "BASE_URL": broken.url}.items():
            patch.setenv(f"SMS_{name}", value)
        yield broken


def _told(page: Page) -> None:
    sheet = page.locator("#proof[open]")
    expect(sheet.get_by_role("alert")).to_contain_text("未能发出")
    expect(sheet.get_by_role("alert")).to_contain_text("一分钟后重试")
    expect(sheet.get_by_role("button", name="重新发送验证码")).to_be_visible()
    sheet.get_by_text("没有收到短信？").tap()
    expect(sheet.get_by_text("一直收不到？")).to_be_visible()
    check_no_sideways_scrolling(page)
    sheet.get_by_role("button", name="返回，不做更改").tap()
    expect(page.locator("#proof")).to_have_count(0)


def test_an_invitation_waits_as_it_was(app: Flask, phone: Callable[..., Page], provider: Provider) -> None:
    with app.app_context():
        case_id = invite(user("employer1"), user("graduate4")).id
    page = phone("graduate4")
    page.goto(f"/graduate/signing/{case_id}")
    page.get_by_role("button", name="接受").tap()
    _told(page)
    assert provider.sent_to("/")
    expect(page.get_by_role("button", name="接受")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="接受")).to_be_visible()


def test_what_was_typed_stays(app: Flask, phone: Callable[..., Page]) -> None:
    with app.app_context():
        case_id = Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed").id
        session.remove()
    page = phone("graduate2")
    page.goto(f"/graduate/signing/{case_id}/terminate")
    page.select_option("[name=reason_code]", "16")
    page.fill("[name=reason]", TYPED)
    page.get_by_role("button", name="提交解约申请").tap()
    _told(page)
    expect(page.locator("[name=reason]")).to_have_value(TYPED)
    expect(page.locator("[name=reason_code]")).to_have_value("16")
