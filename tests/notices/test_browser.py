"""Notices as people see them, delivered by the real workers: the graduate's phone, the unit, the operators' lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.application import PASSWORD
from tests.fixtures.browser import check_no_sideways_scrolling
from tests.fixtures.patience import until
from tests.fixtures.servers import LiveServer
from tests.notices.signings import letter

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def invited(live_server: LiveServer) -> int:
    """The id of an invitation of which graduate7 has been told by the workers."""
    with httpx.Client(base_url=f"{live_server.url}/api/v1", timeout=60) as http:
        unit, graduate = (bearer(http, name) for name in ("employer1", "graduate7"))
        graduate_id = http.get("/me", headers=graduate).json()["graduate_id"]
        sent = http.post("/online_signing/", headers=unit, json={"graduate_ids": [graduate_id], **letter()})
        case_id = sent.json()["result"]["created"][0]["id"]

        def told() -> bool:
            notices = http.get("/notifications/", headers=graduate).json()["result"]
            channels = [notice["channels"] for notice in notices if notice["case_id"] == case_id]
            return any({one["status"] for one in each} == {"sent"} for each in channels)

        until(told, "the workers did not tell the graduate", pause=0.2)
        return int(case_id)


def bearer(http: httpx.Client, username: str) -> dict[str, str]:
    """The headers of an account."""
    body = {"username": username, "password": PASSWORD, "provider": "db", "refresh": True}
    return {"Authorization": f"Bearer {http.post('/security/login', json=body).json()['access_token']}"}


def test_a_graduate_reads_the_notice_and_stands_before_the_invitation(
    phone: Open, invited: int, axe: Callable[..., None]
) -> None:
    page = phone("graduate7")
    page.goto("/graduate/messages")
    expect(page.locator(".is-unread").filter(has_text="收到签约邀请")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("消息")
    axe(page)
    check_no_sideways_scrolling(page)
    page.get_by_role("link", name="收到签约邀请").click()
    expect(page).to_have_url(re.compile(rf"/graduate/signing/{invited}$"))
    page.goto("/graduate/messages")
    expect(page.locator(".notices__item").filter(has_text="收到签约邀请")).to_have_count(1)
    expect(page.locator(".is-unread").filter(has_text="收到签约邀请")).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/staff/messages", "/staff/deliveries/list/", "/staff/undelivered/list/", "/staff/notice-templates/list/"]
)
def test_the_operators_lists(desk: Open, invited: int, axe: Callable[..., None], path: str) -> None:
    page = desk("operator")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)


def test_an_operator_changes_the_words(desk: Open, invited: int, axe: Callable[..., None]) -> None:
    page = desk("operator")
    page.goto("/staff/notice-templates/list/?psize_TemplateView=100")
    page.get_by_role("link", name="学生已应约").click()
    expect(page.get_by_label("标题")).to_have_value("学生已应约")
    axe(page)
    page.get_by_label("正文").fill("%(graduate)s 已应约，薪资 %(salary)s")
    page.get_by_role("button", name="保存文案").click()
    expect(page.get_by_role("alert")).to_contain_text("没有占位符 %(salary)s")
    axe(page)
    page.get_by_label("正文").fill("%(graduate)s 已应约")
    page.get_by_role("button", name="保存文案").click()
    expect(page.get_by_text("文案已保存")).to_be_visible()


def test_a_unit_has_an_empty_inbox_that_says_so(desk: Open, invited: int, axe: Callable[..., Any]) -> None:
    page = desk("employer2")
    page.goto("/employer/messages")
    expect(page.get_by_text("还没有消息")).to_be_visible()
    axe(page)
