"""A school imports its students in the browser, with a real worker, and takes the import back (R4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.fixtures.browser import check_no_sideways_scrolling
from tests.roster.sheets import sheet, student


def test_school_imports_looks_commits_and_undoes(
    desk: Callable[..., Page], axe: Callable[..., None], tmp_path: Path
) -> None:
    good, wrong = tmp_path / "名单.xlsx", tmp_path / "有误.xlsx"
    rows = [student(姓名=f"公冶{sign}") for sign in "甲乙丙"]
    good.write_bytes(sheet(*rows))
    wrong.write_bytes(sheet(*rows, student(培养方式="2")))
    page = desk("school10284")
    page.goto("/staff/graduates/list/")
    axe(page)
    page.get_by_role("link", name="导入学生名单").click()
    axe(page)
    page.set_input_files("input[type=file]", wrong)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("请选择 21/22。")).to_be_visible(timeout=30_000)
    axe(page)
    page.goto("/staff/roster-imports/")
    page.set_input_files("input[type=file]", good)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("rowheader", name="公冶甲")).to_be_visible(timeout=30_000)
    axe(page)
    page.get_by_role("button", name="导入到名单…").click()
    dialog = page.get_by_role("dialog")
    commit = dialog.get_by_role("button", name="确认导入")
    expect(commit).to_be_disabled()
    dialog.get_by_role("textbox").fill("3")
    commit.click()
    expect(page.get_by_text("已导入").first).to_be_visible()
    batch = page.url
    page.goto("/staff/graduates/list/?_flt_0_name=公冶")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("tbody tr").first.click()
    expect(page).to_have_url(re.compile("/staff/graduates/show/"))
    expect(page.get_by_role("link", name="到就业系统更正")).to_be_visible()
    axe(page)
    page.goto(batch)
    page.get_by_role("button", name="撤销本次导入…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("3")
    dialog.get_by_role("button", name="撤销导入").click()
    expect(page.get_by_text("已撤销").first).to_be_visible()


def test_roster_pages_on_a_phone(phone: Callable[..., Page]) -> None:
    page = phone("school10284")
    for address in ("/staff/graduates/list/", "/staff/removed-graduates/list/", "/staff/roster-imports/"):
        page.goto(address)
        check_no_sideways_scrolling(page)
