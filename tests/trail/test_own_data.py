"""Who asks takes away all that is kept of them, and nothing of anybody else; the trail says so (B11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.audit import AuditLine
from app.base.database import session
from tests.notices.browser import logged_in
from trial.demo import country

pytestmark = pytest.mark.usefixtures("fresh_database")
Api = Callable[..., Any]


def test_graduate_takes_everything_in_full(app_context: Flask, api: Api, invite: Callable[..., list[int]]) -> None:
    (case_id,) = invite("graduate1")
    api("school10001").get(f"/online_signing/{case_id}")
    answer = api("graduate1").get("/me/data")
    assert answer.status_code == 200
    data = answer.get_json()["result"]
    own, other = country.GRADUATES[:2]
    assert [row["id_number"] for row in data["roster"]] == [own.id_number]
    assert data["account"]["username"] == "graduate1"
    assert [case["id"] for case in data["records"]["online_signing"]] == [case_id]
    assert data["records"]["online_signing"][0]["history"]
    assert any(one["role"] == "school" for one in data["readers"])
    assert other.id_number not in answer.text
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line is not None
    assert (line.action, line.actor, line.detail["file"]) == ("download", "graduate1", "data")


def test_the_page_gives_the_same_as_a_file(app_context: Flask) -> None:
    browser = logged_in(app_context, "graduate1")
    assert "/graduate/data" in browser.get("/graduate/me").text
    answer = browser.get("/graduate/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.text)["account"]["username"] == "graduate1"


def test_units_user_takes_the_own_data_alone(api: Api) -> None:
    data = api("employer1").get("/me/data").get_json()["result"]
    assert data["account"]["username"] == "employer1"
    assert data["unit_user"]["name"]
    assert (data["roster"], data["records"], data["readers"]) == ([], {}, [])


@pytest.mark.parametrize("who", ["operator", "province11", "school10001", "dept10001a"])
def test_staff_have_no_such_door(api: Api, who: str) -> None:
    assert api(who).get("/me/data").status_code == 403
