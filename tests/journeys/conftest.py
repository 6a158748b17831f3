"""Fixtures of the journeys: cases set on the stage behind the running server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.database import session
from tests.signing.stage import fire, invite, user


@pytest.fixture
def staged(app: Flask) -> Callable[[str, str], int]:
    """A function: a case of employer1 with this graduate, invited, accepted or (of school 10002) signed; returns its id."""

    def set_up(graduate: str, state: str = "invited", **letter: Any) -> int:
        with app.app_context():
            case = invite(user("employer1"), user(graduate), **letter)
            if state in ("accepted", "signed"):
                fire(case, "accept", user(graduate))
            if state == "signed":
                fire(case, "approve", user("school10002"))
            session.remove()
            return int(case.id)

    return set_up
