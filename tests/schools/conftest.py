"""Fixtures of the settings: tests that leave nothing behind, and staff logged in at the entrance."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import transaction
from tests.doors.conftest import token
from tests.fixtures.application import PASSWORD


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture
def undone(app_context: Flask) -> Iterator[None]:
    """The whole test is one transaction that is rolled back: the next test finds the demonstration as it was."""
    with contextlib.suppress(_UndoError), transaction():
        yield
        raise _UndoError


@pytest.fixture
def browse(app: Flask) -> Callable[[str], FlaskClient]:
    """A function that logs a staff account in: browse("school10558")."""

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
        assert client.post("/login/school", data=form).status_code == 302
        return client

    return log_in
