"""Fixtures of archive and hukou: tests that leave nothing behind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.base.database import transaction
from tests.household.stage import Stage


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture
def undone(app_context: Flask) -> Iterator[None]:
    """The whole test is one transaction that is rolled back: the next test finds the demonstration as it was."""
    with contextlib.suppress(_UndoError), transaction():
        yield
        raise _UndoError


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
