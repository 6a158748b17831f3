"""Who saw my information, on a phone; the trail on a desk; both accessible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling
from tests.signing.stage import invite, user

pytestmark = pytest.mark.browser


def test_a_graduate_sees_who_looked(
    app: Flask, api: Any, desk: Callable[..., Page], phone: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    with app.app_context():
        case = invite(user("employer1"), user("graduate1"))
    for name in ("employer1", "school10001", "operator"):
        assert api(name).get(f"/online_signing/{case.id}").status_code == 200
    mine = phone("graduate1")
    mine.goto("/graduate/me")
    mine.get_by_role("link", name="看看谁看过").click()
    expect(mine.locator("h1")).to_have_text("谁看过我的信息")
    expect(mine.get_by_text("北京大学").first).to_be_visible()
    expect(mine.get_by_text("砚渡禾").first).to_be_visible()
    check_no_sideways_scrolling(mine)
    axe(mine)
    page = desk("school10001")
    page.goto("/staff/audit/list/")
    expect(page.locator("tbody").get_by_text("查看", exact=True).first).to_be_visible()
    axe(page)
    small = phone("school10001")
    small.goto("/staff/audit/list/")
    check_no_sideways_scrolling(small)
    anybody = phone()
    anybody.goto("/chain")
    expect(anybody.locator("h1")).to_have_text("历史印证")
    check_no_sideways_scrolling(anybody)
    axe(anybody)


def test_the_own_data_come_as_a_paper_while_the_phone_waits(
    phone: Callable[..., Page], axe: Callable[[Page], None], start_worker: Callable[..., Any]
) -> None:
    mine = phone("graduate1")
    mine.goto("/graduate/me")
    mine.get_by_role("link", name="PDF").click()
    expect(mine.locator("h1")).to_have_text("您的下载")
    check_no_sideways_scrolling(mine)
    axe(mine)
    start_worker("bulk")
    ready = mine.get_by_role("link", name="下载", exact=True)
    expect(ready).to_be_visible(timeout=30_000)
    axe(mine)
    with mine.expect_download() as taken:
        ready.click()
    assert taken.value.suggested_filename.endswith(".pdf")
    assert taken.value.path().read_bytes().startswith(b"%PDF")


def test_the_evidence_report_comes_from_the_page_of_the_record(
    app: Flask, phone: Callable[..., Page], axe: Callable[[Page], None], start_worker: Callable[..., Any]
) -> None:
    with app.app_context():
        case = invite(user("employer1"), user("graduate2"))
    mine = phone("graduate2")
    mine.goto(f"/graduate/signing/{case.id}")
    check_no_sideways_scrolling(mine)
    axe(mine)
    mine.get_by_role("link", name="证据报告（PDF）").click()
    expect(mine.locator("h1")).to_have_text("您的下载")
    start_worker("bulk")
    ready = mine.get_by_role("link", name="下载", exact=True)
    expect(ready).to_be_visible()
    with mine.expect_download() as taken:
        ready.click()
    assert taken.value.path().read_bytes()[:5] == b"%PDF-"
    assert "证据报告" in taken.value.suggested_filename
    anybody = phone()
    anybody.goto("/verify")
    axe(anybody)
    anybody.get_by_role("link", name="平台签章证书").click()
    expect(anybody.locator("h1")).to_have_text("平台签章证书")
    check_no_sideways_scrolling(anybody)
    axe(anybody)
