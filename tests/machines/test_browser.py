"""The pages for programs on a desk and on a phone, accessible, without sideways scrolling."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling, shot

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("username", "place"), [("school10001", "staff"), ("employer1", "employer")])
def test_a_key_is_made_seen_once_replaced_and_ended(
    api: Any,
    desk: Callable[..., Page],
    phone: Callable[..., Page],
    axe: Callable[[Page], None],
    username: str,
    place: str,
) -> None:
    page = desk(username)
    page.goto(f"/{place}/account")
    page.get_by_role("link", name="接口密钥").click()
    expect(page.locator("h1")).to_have_text("接口密钥")
    page.get_by_role("button", name="新建密钥").click()
    page.fill("#f-name", "教务系统")
    page.check("input[value='online_signing:read']")
    page.fill("#f-addresses", "nonsense")
    page.get_by_role("button", name="新建密钥").click()
    expect(page.get_by_text("不是地址或网段")).to_be_visible()
    expect(page.locator("input[value='online_signing:read']")).to_be_checked()
    page.fill("#f-addresses", "")
    page.get_by_role("button", name="新建密钥").click()
    first = page.locator("code.password").inner_text()
    assert re.match(r"wqk_.{40,}", first)
    shot(page, f"keys-{place}-1280")
    axe(page)
    page.goto(f"/{place}/programs/keys")
    expect(page.locator("code.password")).to_have_count(0)
    page.get_by_role("button", name="更换").first.click()
    page.locator("dialog[open]").get_by_role("button", name="更换").click()
    second = page.locator("code.password").inner_text()
    assert second != first
    small = phone(username)
    small.goto(f"/{place}/programs/keys")
    shot(small, f"keys-{place}-390")
    check_no_sideways_scrolling(small)
    axe(small)
    page.get_by_role("button", name="删除").first.click()
    page.locator("dialog[open]").get_by_role("button", name="删除").click()
    expect(page.get_by_text("还没有密钥")).to_be_visible()


def test_a_webhook_is_set_up_tried_read_and_ended(
    api: Any, desk: Callable[..., Page], phone: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = desk("employer1")
    page.goto("/employer/account")
    page.get_by_role("link", name="事件推送").click()
    page.fill("#f-url", "https://127.0.0.1/hook")
    page.get_by_label("线上签约").check()
    page.get_by_role("button", name="新建事件推送").click()
    expect(page.get_by_text("该地址指向内部网络")).to_be_visible()
    expect(page.get_by_label("线上签约")).to_be_checked()
    page.fill("#f-url", "https://192.0.2.1.example.invalid/hook")
    page.fill("#f-more", "online_termination.approved")
    page.get_by_role("button", name="新建事件推送").click()
    assert page.locator("code.password").inner_text().startswith("whsec_")
    shot(page, "hooks-1280")
    axe(page)
    page.get_by_role("link", name="消息与测试").click()
    page.get_by_role("button", name="发送测试消息").click()
    expect(page.get_by_text("测试消息已发出")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.wait_for_timeout(3000)
    page.reload()
    page.locator("tbody summary").first.click()
    shot(page, "hook-1280")
    axe(page)
    page.get_by_role("button", name="重新发送").click()
    expect(page.get_by_text("消息已重新发送")).to_be_visible()
    small = phone("employer1")
    for path in ("", f"/{page.url.rsplit('/', 1)[-1]}"):
        small.goto(f"/employer/programs/webhooks{path}")
        shot(small, f"hooks{'-one' if path else ''}-390")
        check_no_sideways_scrolling(small)
        axe(small)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_text("已停用。")).to_be_visible()
    page.get_by_role("button", name="删除").click()
    page.locator("dialog[open]").get_by_role("button", name="删除").click()
    expect(page.get_by_text("还没有事件推送")).to_be_visible()
