"""Connections that are kept between requests: one that the server has closed meanwhile is noticed before it is used (B15)."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.base.database import session
from tests.notices.browser import logged_in

# The server says so before the process has gone, so each is waited for.
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def _backend() -> int:
    with_one = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    session.remove()
    return int(with_one)


def test_a_connection_that_the_server_closed_is_replaced_unseen(app: Flask, sql: psycopg.Connection) -> None:
    page = logged_in(app, "school10001")
    assert page.get("/staff/online-signings/list/").status_code == 200
    with app.app_context():
        before = _backend()
        assert _backend() == before, "kept while nothing happens to it"
        sql.execute(_END_OTHERS)
        assert _backend() != before
    sql.execute(_END_OTHERS)
    assert page.get("/staff/online-signings/list/").status_code == 200


@pytest.mark.parametrize("times", [1, 3])
def test_every_kept_connection_is_looked_at(app: Flask, sql: psycopg.Connection, times: int) -> None:
    with app.app_context():
        for _ in range(times):
            sql.execute(_END_OTHERS)
            assert _backend()
