"""What is unusual today on the home of each kind of staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.base import clock
from app.base.database import session, transaction
from app.signing.online.models import OnlineSigning
from app.workflow.models import OutboxMessage
from tests.signing.conftest import statements as statements
from tests.signing.stage import Stage, user

DAYS = 5


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def waiting(app: Flask) -> int:
    """A signing that has waited for its department for five days."""
    with app.app_context(), transaction():
        case = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("dept_review")
        long_ago = clock.now() - timedelta(days=DAYS)
        session.execute(update(OnlineSigning).where(OnlineSigning.id == case.id).values(state_since=long_ago))
        return int(case.id)


def test_homes_tell_what_has_waited_for_long(
    app: Flask, browse: Callable[..., Any], waiting: int, statements: list[str]
) -> None:
    from app.portal.staff.queries import operations

    homes = {}
    for who in ("dept10001a", "dept10001b"):
        client = browse(who)
        client.get("/staff/online-signings/list/")  # a page of the module: from then on one works in it
        homes[who] = "等待超过 3 天" in client.get("/staff/").text
    assert homes == {"dept10001a": True, "dept10001b": False}
    with app.app_context():
        operator = user("operator")
        statements.clear()
        operations(operator)
        assert len(statements) == 1


def test_operators_see_what_is_broken(app: Flask, browse: Callable[..., Any], waiting: int) -> None:
    with app.app_context(), transaction():
        session.execute(
            update(OutboxMessage).where(OutboxMessage.kind == "notice").values(status="failed", error_code="no_text")
        )
    page = browse("operator").get("/staff/").text
    for words in ("今日关注", "待审核的单位认证", "未送达站内信的通知", "无响应的服务"):
        assert words in page, words
