"""What tests of papers share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.base.database import session
from tests.signing.stage import Stage


@pytest.fixture
def signed(fresh_database: str, app: Flask, drain: Callable[..., int]) -> int:
    """A signed agreement with its file."""
    with app.app_context():
        case_id = Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed").id
        session.remove()
    drain()
    return int(case_id)
