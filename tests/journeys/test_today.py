"""The homes of staff in the browser: what is unusual today leads to its list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import update

from app.base import clock
from app.base.database import session, transaction
from app.signing.online.models import OnlineSigning
from tests.journeys.people import look
from tests.signing.stage import Stage


@pytest.fixture
def late(app: Flask) -> None:
    """A signing that has waited for school 10001 for five days."""
    with app.app_context(), transaction():
        case = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("school_review")
        long_ago = clock.now() - timedelta(days=5)
        session.execute(update(OnlineSigning).where(OnlineSigning.id == case.id).values(state_since=long_ago))


def test_what_is_unusual_leads_to_its_list(desk: Any, phone: Any, late: None) -> None:
    for who in ("school10001", "operator", "province11"):
        for page in (desk(who), phone(who)):
            page.goto("/staff/online-signings/list/")  # a page of the module: from then on one works in it
            page.goto("/staff/")
            look(page)
    page = desk("school10001")
    page.goto("/staff/online-signings/list/")
    page.goto("/staff/")
    page.get_by_role("link", name="等待超过 3 天").click()
    expect(page.locator("h1")).to_contain_text("在线签约")
    page = desk("operator")
    page.goto("/staff/")
    page.get_by_role("link", name="待审核的单位认证").click()
    expect(page.locator("h1")).to_be_visible()
