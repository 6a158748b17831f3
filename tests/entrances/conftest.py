"""People without an account, and what the tests of the entrances share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.notices.browser import token
from trial.demo import country
from trial.demo.country import GraduateData

NEW_PASSWORD = "Feng-Ling-7788"
PEOPLE: dict[str, GraduateData] = {data.name: data for data in country.GRADUATES}


@dataclass
class Browser:
    """A browser of a stranger: fills in forms with their token."""

    client: FlaskClient

    def get(self, path: str) -> Any:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, form_at: str = "/login/school", **fields: str) -> Any:
        """Send a form; the token comes from the page `form_at`."""
        fields["csrf_token"] = token(self.client.get(form_at).text)
        return self.client.post(path, data=fields)


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A browser that nobody is logged in to."""
    return Browser(app.test_client())


@pytest.fixture
def another(app: Flask) -> Browser:
    """A second one."""
    return Browser(app.test_client())


@pytest.fixture
def code_of(app: Flask) -> Callable[[str], str]:
    """A function that reads the newest code for an address, as its owner reads it on the phone."""
    from sqlalchemy import select

    from app.base.database import session
    from app.passcodes.models import VerificationCode

    def read(address: str) -> str:
        with app.app_context():
            rows = session.scalars(select(VerificationCode).order_by(VerificationCode.id.desc()))
            return next(row.sealed for row in rows if row.address == address and row.sealed)

    return read


@pytest.fixture(autouse=True)
def _fresh_limits(app: Flask) -> Iterator[None]:
    """No test waits for the limits of another."""
    from app.workflow import queues

    yield
    redis = queues.redis()
    for key in redis.scan_iter("login:*"):
        redis.delete(key)
