"""What the graduate is told of a destination, in words, and what the employment system holds when one comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.access.actors import SYSTEM
from app.base.database import session
from app.destination.workflow import DESTINATION
from app.roster.services.graduates import remove_from_roster, restore_to_roster
from app.workflow import engine
from tests.destination.stage import RETURN, Stage, example, fire, types
from tests.signing.stage import invite, user


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own notices."""


def _told(api: Callable[..., Any]) -> dict[str, str]:
    rows = api("graduate1").get("/notifications/?q=(page_size:100)").get_json()["result"]
    assert all(row["workflow"] == "destination" for row in rows if "去向" in row["text"])
    return {row["event"]: row["text"] for row in rows}


def test_each_step_is_told_with_the_type_and_the_reason(
    app: Flask, app_context: Flask, api: Callable[..., Any], drain: Any
) -> None:
    stage = Stage()
    case = stage.bring("dept_review")
    fire(case, "amend", stage.department, type="12", data=example(types()["12"]), reason="与本人核实")
    fire(case, "return", stage.department, **RETURN)
    session.remove()
    drain()
    told = _told(api)
    assert "其他录用形式就业" in told["amend"]
    assert "与本人核实" in told["amend"]
    assert "请核对" in told["return"]


def test_approval_and_giving_way_are_told(app_context: Flask, api: Callable[..., Any], drain: Any) -> None:
    stage = Stage()
    stage.bring("approved", "801")
    invitation = invite(user("employer1"), stage.graduate)
    engine.fire("online_signing", invitation.id, "accept", actor=stage.graduate)
    session.remove()
    drain()
    told = _told(api)
    assert "研究生" in told["approve"]
    assert "自动作废" in told["void"]


def test_who_voids_by_hand_needs_no_notice(app_context: Flask, api: Callable[..., Any], drain: Any) -> None:
    stage = Stage()
    fire(stage.bring("approved", "70"), "void", stage.graduate)
    session.remove()
    drain()
    assert "void" not in _told(api)


def test_who_comes_back_to_the_roster_is_reported_again(
    app_context: Flask, api: Callable[..., Any], drain: Any
) -> None:
    stage = Stage()
    case = stage.bring("approved", "512")
    graduate = case.graduate_id
    session.remove()
    drain()
    remove_from_roster(graduate, actor=user("school10001"))
    session.remove()
    drain()
    restore_to_roster(graduate, actor=user("school10001"))
    session.remove()
    drain()
    row = api("school10001").get(f"/graduates/{graduate}").get_json()["result"]
    assert row["ems"]["destination"]["code"] == "512"
    assert engine.load(DESTINATION, case.id, actor=SYSTEM).state == "approved"
