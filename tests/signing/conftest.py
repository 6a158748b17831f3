"""Fixtures of the signings: tests that leave nothing behind, and a count of SQL statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.fixtures.statements import counted
from tests.signing.stage import Stage


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements of what the test does next; clear() it before the part that counts."""
    with counted(app) as seen:
        yield seen
