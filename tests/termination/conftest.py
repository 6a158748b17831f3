"""Fixtures of the terminations."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.termination.stage import TerminationStage


@pytest.fixture
def stage(app_context: Flask) -> TerminationStage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return TerminationStage()
