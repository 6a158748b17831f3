"""Fixtures for the shared doors: a second application with plain views, so that the base classes are tested alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.base import clock
from tests.fixtures.application import PASSWORD, IsolatedClient

LETTER = {
    "position": {
        "title": "研发工程师",
        "category": "11",
        "region": "110108",
        "salary_month": "8000",
        "report_by": "",
        "contact": "李老师",
        "phone": "13800138000",
    },
}


def letter() -> dict[str, Any]:
    """A complete invitation letter, valid for a week."""
    today = clock.today()
    position = {**LETTER["position"], "report_by": (today + timedelta(days=60)).isoformat()}
    return {"position": position, "valid_until": (today + timedelta(days=7)).isoformat()}


def token(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(r'X-CSRFToken": "([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


@pytest.fixture
def invite(app: Flask, actor_of: Callable[[str], Any]) -> Callable[..., list[int]]:
    """A function: employer1 invites these graduates' accounts; returns the new case ids."""
    from app.signing.online.services.invitations import invite_graduates

    def send(*usernames: str, by: str = "employer1") -> list[int]:
        ids = [actor_of(name).graduate_id or 0 for name in usernames]
        with app.app_context():
            made = invite_graduates(ids, letter(), actor=actor_of(by))
            assert not made.refused, made.refused
            return [case.id for case in made.created]

    return send


@pytest.fixture
def fire(app: Flask, actor_of: Callable[[str], Any]) -> Callable[..., str]:
    """A function: fire("graduate1", case_id, "accept") returns the new state."""
    from app.workflow import engine

    def do(username: str, case_id: int, event_name: str, **data: Any) -> str:
        with app.app_context():
            return str(engine.fire("online_signing", case_id, event_name, actor=actor_of(username), data=data).state)

    return do


@pytest.fixture(scope="session")
def doors_application(application: Flask, templates: None) -> Iterator[Flask]:
    """Another application object with test views on the same database."""
    from app import create_app
    from app.base.database import db

    flask = create_app()
    flask.test_client_class = IsolatedClient
    with flask.app_context():
        from tests.doors.views import add_views

        add_views(flask)
    yield flask
    with flask.app_context():
        db.engine.dispose()


@pytest.fixture
def doors_app(doors_application: Flask, database: str) -> Flask:
    """The same on this module's database, with the roles of the test views."""
    from app.staff.commands import sync

    with doors_application.app_context():
        sync()
    return doors_application


@pytest.fixture
def browse(doors_app: Flask) -> Callable[[str, str], FlaskClient]:
    """A function that logs an account in at an entrance: browse("school10001", "school")."""

    def log_in(username: str, door: str = "school") -> FlaskClient:
        client = doors_app.test_client()
        form = {"username": username, "password": PASSWORD}
        form["csrf_token"] = token(client.get(f"/login/{door}").text)
        answer = client.post(f"/login/{door}", data=form)
        assert answer.status_code == 302, answer.text
        return client

    return log_in


@pytest.fixture
def statements(doors_app: Flask) -> Iterator[list[str]]:
    """The SQL statements of what the test does next; clear() it before the part that counts."""
    from app.base.database import db

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with doors_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
