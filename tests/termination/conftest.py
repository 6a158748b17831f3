"""Fixtures of the terminations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from flask import Flask

from app.base.database import transaction
from tests.termination.stage import TerminationStage


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture
def undone(app_context: Flask) -> Iterator[None]:
    """The whole test is one transaction that is rolled back: the next test finds the demonstration as it was."""
    with contextlib.suppress(_UndoError), transaction():
        yield
        raise _UndoError


@pytest.fixture
def stage(app_context: Flask) -> TerminationStage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return TerminationStage()
