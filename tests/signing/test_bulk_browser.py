"""A unit at its desk: a list imported, hundreds invited with a bar that moves, a template written and used (R6.3–R6.5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.signing.online.jobs import start_invitations
from tests.employers.test_favorites_import import sheet
from tests.fixtures.browser import PHONE
from tests.signing.crowd import crowd
from tests.signing.stage import letter, user
from trial.demo.country import GRADUATES

Open = Callable[..., Page]
pytestmark = pytest.mark.browser


def test_a_list_is_imported_and_its_result_is_shown(
    desk: Open, tmp_path: Path, axe: Callable[..., Any], app_context: Flask
) -> None:
    file = tmp_path / "名单.xlsx"
    file.write_bytes(sheet([(GRADUATES[2].name, GRADUATES[2].id_number, "北京大学"), ("无此人", "1", "北京大学")]))
    page = desk("employer1")
    page.goto("/employer/favorites")
    axe(page)
    page.get_by_role("button", name="导入学生名单").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    axe(page)
    dialog.get_by_label("学生名单文件").set_input_files(str(file))
    dialog.get_by_role("button", name="导入名单").click()
    expect(page.get_by_text("已加入 1 名毕业生")).to_be_visible()
    expect(page.get_by_text("第 3 行：无此人")).to_be_visible()
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载结果").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_bar_shows_how_far_the_invitations_are(desk: Open, axe: Callable[..., Any], app_context: Flask) -> None:
    ids = crowd(400, like=user("graduate7"), unit=user("employer2"))
    page = desk("employer2")
    page.goto("/employer/favorites")
    expect(page.get_by_role("link", name="邀请本届收藏夹中的全部毕业生")).to_be_visible()
    job = start_invitations(ids, letter(), actor=user("employer2")).id
    page.goto(f"/employer/jobs/{job}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)
    expect(page.get_by_text("已发送 400 份签约邀请函")).to_be_visible(timeout=60_000)
    axe(page)


def test_a_template_is_written_used_and_its_changes_shown(
    desk: Open, axe: Callable[..., Any], app_context: Flask
) -> None:
    page = desk("employer1")
    page.goto("/employer/")
    page.get_by_role("link", name="邀请函信息管理").click()
    axe(page)
    page.goto("/employer/templates/hukou/new")
    axe(page)
    page.get_by_label("模板名称").fill("海淀集体户")
    expect(page.locator("input[name='hukou.accept']")).to_be_checked()
    page.locator("#f-hukou\\.address").fill("北京市海淀区")
    page.get_by_role("button", name="保存模板").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("海淀集体户")
    axe(page)
    page.get_by_role("link", name="修改", exact=True).click()
    page.locator("#f-hukou\\.address").fill("北京市朝阳区")
    page.get_by_role("button", name="保存模板").click()
    page.get_by_role("link", name="查看编辑记录").click()
    expect(page.get_by_role("cell", name="北京市朝阳区").first).to_be_visible()
    axe(page)
    page.goto(f"/employer/invitations/new?graduate={user('graduate1').graduate_id}")
    axe(page)
    page.get_by_label("使用户口模板").select_option(label="海淀集体户")
    expect(page.locator("#f-hukou\\.address")).to_have_value("北京市朝阳区")


def test_the_pages_fit_a_phone(visitors: Any, axe: Callable[..., Any], app_context: Flask) -> None:
    page = visitors.open("employer1", size=PHONE)
    for path in ("/employer/templates", "/employer/templates/position/new", "/employer/favorites"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
