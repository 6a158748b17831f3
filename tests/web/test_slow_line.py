"""A form with regions over a slow line: what is there can be used at once and turns into nothing else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.test_weight import FORM, Meter

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50 * 1024, "uploadThroughput": 50 * 1024}


def test_a_region_is_chosen_over_a_slow_line(phone: Callable[..., Page]) -> None:
    page = phone("graduate1")
    meter = Meter(page)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.goto("/graduate/archive/new?type=1", wait_until="commit")
    first = page.locator("[data-region] select").first
    first.wait_for(state="visible")
    assert page.locator("[data-region] input:visible").count() == 0, "no box that turns into lists later"
    first.select_option(label="江苏省")  # whether or not the scripts have come
    second = page.locator("[data-region] select").nth(1)
    second.select_option(label="南京市")
    page.locator("[data-region] select").nth(2).select_option(label="鼓楼区")
    expect(page.locator("[data-region-code]")).to_have_value("320106")
    expect(first).to_have_value("320000")
    page.wait_for_load_state("networkidle")
    print(meter.total)
    assert meter.total <= FORM


def test_lists_that_did_not_come_say_so_and_come_at_the_next_choice(phone: Callable[..., Page]) -> None:
    page = phone("graduate1")
    page.goto("/graduate/archive/new?type=1")
    page.context.set_offline(True)
    lists = page.locator("[data-region] select")
    lists.first.select_option(label="江苏省")
    expect(lists.nth(1)).to_contain_text("未能加载")
    page.context.set_offline(False)
    lists.first.select_option(label="浙江省")
    lists.nth(1).select_option(label="杭州市")
    expect(page.locator("[data-region-code]")).to_have_value("330100")
