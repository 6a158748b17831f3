"""An operator adds a code in a real browser: a slip is shown at its field, the pages are accessible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_an_operator_adds_a_code(desk: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = desk("operator")
    page.goto("/staff/codes/list/")
    expect(page.locator("h1")).to_have_text("代码表")
    axe(page)
    page.get_by_role("link", name="新增").first.click()
    page.get_by_label("代码表").select_option("destination")
    page.locator("#code").fill("10A")
    page.locator("#label").fill("新类别")
    axe(page)
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".field__error")).to_contain_text("该代码在这段时间内已存在")
    axe(page)
    page.locator("#code").fill("10J")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("几秒内在所有页面生效")).to_be_visible()
    page.goto("/staff/codes/list/?_flt_0_code=10J")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_lists_and_forms_of_regions_and_institutions(
    desk: Callable[..., Page], phone: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    for person in (desk("operator"), phone("operator")):
        for path in ("regions/list/", "regions/add", "universities/list/", "universities/edit/10001"):
            person.goto(f"/staff/{path}")
            expect(person.locator("h1")).to_be_visible()
            axe(person)
