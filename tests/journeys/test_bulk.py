"""Many at once in the browser: all that match, what cannot and why, units that stand out, ticked off, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.journeys.people import look
from tests.journeys.test_desk import Waiting, _states
from tests.journeys.test_desk import _ten_seconds as _ten_seconds
from tests.journeys.test_desk import waiting as waiting
from tests.signing.stage import invite, user

LIST = "/staff/online-signings/list/?psize_OnlineSigningAdmin=10&_flt_0_cohort=2027"
FLAG = {"uscc": "91110108MX5PER7K08", "name": "北京砚渡禾信息技术有限公司", "kinds": ["2"], "reason": "收取培训费。"}


@pytest.fixture
def marked(app: Flask) -> None:
    """The unit of all signings is flagged by school 10002."""
    from app.flags.services import add_warning

    with app.app_context():
        add_warning(FLAG, actor=user("school10002"))
        invite(user("employer1"), user("graduate8"))  # not yet accepted: cannot be approved
        session.remove()


def _choose_all(page: Page) -> None:
    page.goto(LIST)
    page.locator("[data-pick-all]").check()
    page.locator("[data-pick-matching]").check()
    page.locator("[data-picked-bar]").get_by_role("button", name="通过").first.click()


def test_all_that_match_are_tried_decided_and_taken_back(
    desk: Any, phone: Any, waiting: Waiting, marked: None, start_worker: Callable[..., Any], sql: Any
) -> None:
    ids = waiting(22)
    start_worker("bulk")
    page = desk("school10002")
    _choose_all(page)
    expect(page.locator("main")).to_contain_text("将有 22 条记录变更")
    expect(page.locator("main")).to_contain_text("1 条记录")
    expect(page.locator("main")).to_contain_text("收取培训费")
    look(page)
    small = phone("school10002")
    small.goto(page.url)
    look(small)
    page.get_by_role("button", name="不办理该单位的记录").click()
    expect(page.locator("[data-pick]:checked")).to_have_count(0)
    page.locator("[data-pick-all]").check()
    page.locator("[data-pick]").first.uncheck()
    page.fill("#f-number", "21")
    page.locator("form.form .button--primary").click()
    expect(page.locator("main")).to_contain_text("共 21 条，已完成 21 条")
    assert sorted(_states(sql, ids)) == ["school_review"] + ["signed"] * 21
    page.get_by_role("button", name="全部撤销").click()
    expect(page.locator("h1")).to_have_text("撤销办理")
    look(page)
    assert _states(sql, ids) == ["school_review"] * 22
