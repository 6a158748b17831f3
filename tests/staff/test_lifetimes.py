"""Accounts of staff end on their last day, and without a yearly word of the level above (R1.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.base import clock
from app.base.database import session
from tests.fixtures.application import PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")
Api = Callable[..., Any]
Ids = Callable[[str], int]


@pytest.fixture(autouse=True)
def _as_before(app_context: Flask) -> Iterator[None]:
    yield
    session.execute(text("UPDATE accounts SET expires_on = NULL, confirmed_at = now()"))
    session.commit()


def _log_in(client: FlaskClient, who: str) -> tuple[int, str]:
    answer = client.post("/api/v1/security/login", json={"username": who, "password": PASSWORD, "provider": "db"})
    return answer.status_code, answer.get_json().get("code", "")


def test_account_ends_after_its_last_day(api: Api, client: FlaskClient, account_id: Ids) -> None:
    own, above, target = api("dept10001a"), api("school10001"), account_id("dept10001a")
    today = clock.today()
    for day, status in ((today, 200), (today - timedelta(days=1), 403), ("", 200)):
        answer = above.put(f"/accounts/{target}", {"expires_on": str(day)})
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["result"]["expires_on"] == (str(day) or None)
        assert _log_in(client, "dept10001a")[0] == status
    assert own.get("/me").status_code == 401  # its powers were changed
    assert above.put(f"/accounts/{target}", {"expires_on": "soon"}).status_code == 422


@pytest.mark.parametrize(
    ("who", "above"), [("province32", "operator"), ("school10284", "province32"), ("dept10001b", "school10001")]
)
def test_account_nobody_has_confirmed_for_a_year_is_closed_a_month_later(
    api: Api, client: FlaskClient, account_id: Ids, who: str, above: str
) -> None:
    own, manager, target = api(who), api(above), account_id(who)
    for days, status in ((364, 200), (394, 200), (396, 403)):
        query = text("UPDATE accounts SET confirmed_at = :at WHERE id = :id")
        session.execute(query, {"at": clock.now() - timedelta(days=days), "id": target})
        session.commit()
        assert _log_in(client, who)[0] == status, days
    assert _log_in(client, who) == (403, "not_confirmed")
    assert own.get("/me").status_code == 401
    assert api("dept10001a").post(f"/accounts/{target}/confirm").status_code in (403, 404)
    assert manager.post(f"/accounts/{target}/confirm").status_code == 200
    assert _log_in(client, who)[0] == 200


def test_people_and_operators_are_not_asked_for(api: Api, client: FlaskClient) -> None:
    session.execute(text("UPDATE accounts SET confirmed_at = now() - interval '5 years' WHERE kind NOT IN ('school')"))
    session.commit()
    for who in ("operator", "graduate1", "employer1"):
        assert _log_in(client, who)[0] == 200
    api("operator").get("/accounts/")
