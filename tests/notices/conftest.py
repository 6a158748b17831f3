"""Invitations and their notices, as the tests of this folder need them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.notices.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of messages on a port of its own; it records what it gets and answers as it is told."""
    with Provider() as running:
        yield running


@pytest.fixture
def letter() -> Callable[..., dict[str, Any]]:
    """Builds the body of an invitation."""
    from tests.notices.signings import letter

    return letter


@pytest.fixture
def signing(app_context: Flask, actor_of: Callable[[str], Any]) -> Any:
    """The story of a signing, told step by step by the demonstration's people."""
    from tests.notices.signings import Story

    return Story(actor_of)


@pytest.fixture(scope="module")
def browsers() -> dict[str, FlaskClient]:
    """Who is logged in already on this module's database."""
    return {}


@pytest.fixture
def login(app: Flask, browsers: dict[str, FlaskClient]) -> Callable[[str], FlaskClient]:
    """A function that gives the browser of a demonstration account; it logs in once."""
    from tests.notices.browser import logged_in

    def enter(username: str) -> FlaskClient:
        if username not in browsers:
            browsers[username] = logged_in(app, username)
        return browsers[username]

    return enter
