"""Canned words in the dialogs of a verdict: taken over, pointing at a field, kept for the school and looked after."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.destination.stage import ready
from tests.journeys.people import agree, dialog, look
from tests.signing.stage import user

LIST = "/staff/destinations/list/?_flt_0_state=school_review"


@pytest.fixture
def waiting(app: Flask) -> list[int]:
    """Two destinations that wait for school 10002."""
    from app.workflow import engine

    ids = []
    with app.app_context():
        for name in ("graduate7", "graduate8"):
            case = ready(user(name))
            engine.fire("destination", case.id, "submit", actor=user(name))
            ids.append(int(case.id))
        session.remove()
    return ids


def _return(page: Page, case_id: int) -> Any:
    page.goto(f"/staff/destinations/show/{case_id}?_flt_0_state=school_review")
    page.keyboard.press("r")
    return dialog(page)


def test_words_are_taken_over_kept_and_point_at_fields(desk: Any, phone: Any, waiting: list[int], sql: Any) -> None:
    page = desk("school10002")
    sheet = _return(page, waiting[0])
    look(page)
    sheet.get_by_role("button", name="证明材料不清晰").click()
    expect(sheet.locator("[name='return.reason']")).to_have_value("证明材料不清晰或不完整，请重新上传")
    sheet.locator("[name='return.reason']").fill("营业执照已过期，请换新证")
    sheet.locator("summary").first.click()
    sheet.locator("[name='return.fields.data.employer']").fill("请写单位全称")
    sheet.locator("[name=keep_phrase]").check()
    agree(page)
    assert sql.execute("SELECT field, label, text FROM phrases ORDER BY id").fetchall() == [
        ("", "", "营业执照已过期，请换新证"),
        ("data.employer", "单位名称", "请写单位全称"),
    ]
    small = phone("school10002")
    sheet = _return(small, waiting[1])
    look(small)
    sheet.get_by_role("button", name="请写单位全称").click()
    expect(sheet.locator("[name='return.fields.data.employer']")).to_have_value("请写单位全称")
    expect(sheet.locator("[name='return.reason']")).to_have_value("单位名称：请写单位全称")
    agree(small)
    assert sql.execute("SELECT count(*) FROM destinations WHERE state = 'returned'").fetchone() == (2,)
    _looked_after(page, sql)


def _looked_after(page: Page, sql: Any) -> None:
    page.goto("/staff/phrases/")
    look(page)
    page.select_option("[name=verdict]", "online_signing|reject")
    page.fill("#f-text", "单位已不存续，请另行签约")
    page.get_by_role("button", name="保存常用语").click()
    expect(page.locator("main")).to_contain_text("单位已不存续")
    page.get_by_role("button", name="删除").first.click()
    agree(page)
    expect(page.locator("#flashes")).to_contain_text("已删除")
    assert sql.execute("SELECT count(*) FROM phrases").fetchone() == (2,)
