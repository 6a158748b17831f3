"""The verification as people see it: units at 1280 and 390 px, the operator's review page; accessible (look)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.employers.test_verification_api import picture
from tests.fixtures.browser import check_no_sideways_scrolling
from tests.notices.browser import logged_in, token

pytestmark = pytest.mark.browser


def test_phone_shows_every_step(app: Flask, phone: Callable[..., Any], axe: Callable[..., None]) -> None:
    page = phone("employer3")
    for step in ("platform", "person", "unit", "method"):
        page.goto(f"/employer/verification/{step}")
        check_no_sideways_scrolling(page)
        axe(page)


def test_materials_from_choice_to_approval(
    app: Flask, desk: Callable[..., Any], axe: Callable[..., None], tmp_path: Path
) -> None:
    file = tmp_path / "letter.png"
    file.write_bytes(picture(size=(600, 400)))
    page = desk("employer3")
    page.goto("/employer/favorites")
    page.wait_for_url("**/employer/verification/method")
    axe(page)
    page.check("input[name=method][value=materials]")
    page.click("main form button.button--primary")
    page.wait_for_url("**/employer/verification/papers")
    wrong = tmp_path / "drawing.png"
    wrong.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    licence = page.locator("#f-licence")
    licence.locator("input[name='photo.licence']").set_input_files(wrong)
    expect(licence.get_by_role("alert")).to_contain_text("网页或矢量图")
    page.click("text=提交认证")
    expect(licence.locator("[data-photos-left]")).to_contain_text("还有文件没有上传成功")
    licence.get_by_role("button", name="移除").click()
    for kind in ("authorization_letter", "licence"):
        page.locator(f"input[name='photo.{kind}']").set_input_files(file)
        expect(page.locator(f"#f-{kind}").get_by_role("button", name="旋转")).to_be_visible()
    axe(page)
    page.click("text=提交认证")
    page.wait_for_url("**/employer/verification/status")
    assert "审核中" in page.inner_text("h1")
    axe(page)
    operator = desk("operator")
    operator.goto("/staff/verifications/list/")
    assert operator.locator("nav a[href*='/staff/verifications/'] .badge").inner_text().startswith("1")
    operator.click("text=广州荻鹭穹生物医药有限公司")
    _reads_the_phone_for_a_reason(operator)
    papers = operator.locator("img.paper")
    expect(papers).to_have_count(2)
    for number in range(2):
        papers.nth(number).scroll_into_view_if_needed()
        assert papers.nth(number).evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    axe(operator)
    operator.click("text=审核通过")
    operator.wait_for_selector("text=认证通过")
    page.goto("/employer/")
    page.wait_for_selector("text=添加")
    page.goto("/employer/unit")
    axe(page)
    page.fill("#f-address", "新址 8 号")
    page.click("text=保存单位信息")
    page.wait_for_selector(".timeline:has-text('新址 8 号')")
    page.goto("/employer/colleagues")
    assert "employer3" in page.inner_text("table")
    axe(page)


def _reads_the_phone_for_a_reason(operator: Any) -> None:
    place = operator.locator("#personal")
    masked = place.inner_text()
    assert "****" in masked
    place.get_by_role("button", name="显示…").click()
    sheet = operator.locator("#personal-sheet[open]")
    sheet.get_by_label("为什么需要查看完整号码").select_option("contact")
    sheet.get_by_role("button", name="显示", exact=True).click()
    expect(place).to_contain_text("本次查看已记入审计日志")
    assert "****" not in place.inner_text()
    with_code = re.search(r"1[3-9]\d{9}", place.inner_text())
    assert with_code is not None
    assert with_code.group() not in masked


def test_papers_sent_without_scripts_are_kept_whatever_else_is_refused(fresh_database: str, app_context: Flask) -> None:
    client = logged_in(app_context, "employer3")
    form = {"csrf_token": token(client.get("/employer/verification/method").text)}
    client.post("/employer/verification/method", data={**form, "method": "materials"})

    def submit(what: str, *files: tuple[bytes, str], **more: str) -> Any:
        sent = [(io.BytesIO(content), name) for content, name in files]
        return client.post("/employer/verification/submit", data={**form, **more, f"photo.{what}": sent})

    stamped = picture(size=(600, 400))
    letter = ((b"%PDF-1.7", "扫描.pdf"), (stamped, "章.png"), (bytes(20 * 1024 * 1024), "大图.jpg"))
    refused = submit("authorization_letter", *letter, submit="1")
    assert refused.status_code == 422
    assert "扫描.pdf：这是 PDF 文件" in refused.text
    assert "大图.jpg：文件超过 10 MB" in refused.text
    assert "章.png" in client.get("/employer/verification/papers").text
    saved = submit("licence", (stamped, "照.png"), kind="licence")
    assert saved.headers["Location"].endswith("/papers")
    assert submit("other", submit="1").headers["Location"].endswith("/status")
