"""Fixtures of the destinations: tests that leave nothing behind, and the people of one school."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.destination.stage import Stage


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """A graduate of a department of 10001 and both reviewers."""
    return Stage()
