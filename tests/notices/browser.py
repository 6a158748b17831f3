"""A browser without a screen: log in at a door, read the token of a form."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.application import PASSWORD

_DOORS = {"employer": "employer", "graduate": "graduate"}


def logged_in(app: Flask, username: str, password: str = PASSWORD) -> FlaskClient:
    """A client in which this account is logged in, one of the demonstration unless a password is given."""
    client = app.test_client()
    door = next((door for kind, door in _DOORS.items() if username.startswith(kind)), "school")
    form = {"username": username, "password": password, "csrf_token": token(client.get(f"/login/{door}").text)}
    answer = client.post(f"/login/{door}", data=form)
    assert answer.status_code == 302, answer.text
    return client


def token(html: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, html[:500]
    return found[1]
