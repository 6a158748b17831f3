"""Fixtures of the signals: a count of SQL statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.fixtures.statements import counted


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements of what the test does next; clear() it before the part that counts."""
    with counted(app) as seen:
        yield seen
