"""Fixtures of the time limits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.base import clock
from app.base.clock import SHANGHAI
from tests.deadlines.people import DAY
from tests.schools.conftest import browse
from tests.signing.stage import Stage

__all__ = ["browse"]


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


@pytest.fixture
def noon(app_context: Flask) -> datetime:
    """Noon of tomorrow in China, when nobody sleeps."""
    return datetime.combine(clock.today() + DAY, datetime.min.time(), SHANGHAI) + timedelta(hours=12)
