"""History is kept for ever and a change behind the program's back is found (R11.2)."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.base.database import session
from app.workflow import history
from tests.signing.stage import Stage


@pytest.fixture
def chain(fresh_database: str, app_context: Flask) -> int:
    """A school's chain of four links."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed").school_id


def test_every_transition_is_a_link_and_the_chain_holds(chain: int) -> None:
    """Who, when, from, to, from where; and no break."""
    rows = session.scalars(text("SELECT event FROM history ORDER BY seq")).all()
    assert rows == ["invite", "accept", "approve", "approve"]
    assert list(history.broken_links()) == []


def test_the_database_refuses_changes_of_history(chain: int, sql: psycopg.Connection) -> None:
    """Not even the program's own database user can rewrite it."""
    for statement in ("UPDATE history SET actor = 'x'", "DELETE FROM history", "TRUNCATE history"):
        with pytest.raises(psycopg.errors.RaiseException):
            sql.execute(statement)  # type: ignore[arg-type]
