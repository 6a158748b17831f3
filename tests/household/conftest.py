"""Fixtures of archive and hukou: tests that leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.household.stage import Stage


@pytest.fixture(params=["archive", "hukou"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both registrations."""
    return str(request.param)


@pytest.fixture
def stage(app_context: Flask, kind: str) -> Stage:
    """graduate1 of 10001 (two levels of review) with the reviewers."""
    return Stage(kind)


@pytest.fixture
def stage_of(app_context: Flask) -> Callable[..., Stage]:
    """A stage for another graduate or kind."""
    return Stage
