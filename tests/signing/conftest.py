"""Fixtures of the signings: tests that leave nothing behind, and a count of SQL statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.signing.stage import Stage


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


@pytest.fixture
def statements(app_context: Flask) -> Iterator[list[str]]:
    """The SQL statements of what the test does next; clear() it before the part that counts.

    BEGIN and COMMIT are not among them, and a multi-row insert is one.
    """
    from app.base.database import db

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
