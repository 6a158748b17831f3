"""Fixtures of the destinations: tests that leave nothing behind, and the people of one school."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from flask import Flask

from app.base.database import transaction
from tests.destination.stage import Stage


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture
def undone(app_context: Flask) -> Iterator[None]:
    """The whole test is one transaction that is rolled back: the next test finds the demonstration as it was."""
    with contextlib.suppress(_UndoError), transaction():
        yield
        raise _UndoError


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """A graduate of a department of 10001 and both reviewers."""
    return Stage()
