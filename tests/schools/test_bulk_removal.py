"""Once signing is open, nobody is removed in bulk from the roster in the employment management system (R3.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.cohorts import current_cohort
from app.schools.services import save_school_setting
from tests.fixtures.standin import Standin
from tests.schools.people import open_everything
from tests.signing.stage import user

pytestmark = pytest.mark.usefixtures("fresh_database")


def _switch(ems: Standin) -> bool:
    answer = ems.http.get(f"/schools/10558/cohorts/{current_cohort()}/switch")
    return bool(answer.json().get("open"))


def test_opening_reaches_the_employment_system_and_blocks_bulk_removal(
    app: Flask, ems: Standin, drain: Callable[..., int]
) -> None:
    roster = f"/schools/10558/cohorts/{current_cohort()}"
    students: list[dict[str, Any]] = ems.http.get(f"{roster}/students").json()["students"]
    numbers = [student["exam_number"] for student in students]
    with app.app_context():
        save_school_setting({"max_terminations": 1}, actor=open_everything())
    drain()
    assert not _switch(ems)
    with app.app_context():
        save_school_setting({"open": True}, actor=user("school10558"))
    drain()
    assert _switch(ems)
    refused = ems.http.post(f"{roster}/students/remove", json={"exam_numbers": numbers})
    assert refused.status_code == 409
    assert refused.json()["code"] == "switch_open"
    with app.app_context():
        save_school_setting({"open": False}, actor=user("school10558"))
    drain()
    assert not _switch(ems)
