"""Fixtures of the settings: tests that leave nothing behind, and staff logged in at the entrance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token


@pytest.fixture
def browse(app: Flask) -> Callable[[str], FlaskClient]:
    """A function that logs a staff account in: browse("school10558")."""

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
        assert client.post("/login/school", data=form).status_code == 302
        return client

    return log_in
