"""What the employment system has not taken: told to the school, the department and the province of the graduate alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.base.database import session, transaction
from app.workflow.models import OutboxMessage
from tests.signing.stage import Stage
from tests.termination.stage import department_of

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own messages."""


@pytest.fixture
def unsent(app: Flask) -> dict[str, int]:
    """A signing of graduate1 that the employment system does not know, one of graduate4 that is on its way."""
    found = {}
    with app.app_context(), transaction():
        for name, code in (("graduate1", "unknown_student"), ("graduate4", None)):
            case = Stage("employer1", name, department_of(name), "school10001").bring("signed")
            mine = (OutboxMessage.kind == "ems", OutboxMessage.case_id == case.id)
            session.execute(update(OutboxMessage).where(*mine).values(status="queued", error_code=code, attempts=3))
            found[name] = case.id
    return found


def test_the_school_reads_why_and_what_to_do(api: Api, unsent: dict[str, int], statements: list[str]) -> None:
    school = api("school10001")
    school.get("/arrivals/")
    statements.clear()
    listed = school.get("/arrivals/").get_json()
    assert len(statements) <= 6, statements
    by_case = {row["case_id"]: row for row in listed["result"]}
    refused, waiting = by_case[unsent["graduate1"]], by_case[unsent["graduate4"]]
    assert (refused["standing"], waiting["standing"]) == ("refused", "waiting")
    assert "名单" in refused["to_do"]
    assert "没有该学生" in refused["why"] or "不" in refused["why"]
    only = school.get("/arrivals/?standing=refused").get_json()["result"]
    assert [row["case_id"] for row in only] == [unsent["graduate1"]]
    for said in (refused["name"], refused["exam_number"], refused["student_number"]):
        found = school.get(f"/arrivals/?search={said}").get_json()["result"]
        assert [row["case_id"] for row in found] == [unsent["graduate1"]], said
    assert school.get("/arrivals/?standing=nonsense").status_code == 400


def test_nobody_reads_of_others(api: Api, unsent: dict[str, int]) -> None:
    counts = {who: api(who).get("/arrivals/").get_json()["count"] for who in ("province11", "school10002")}
    assert counts == {"province11": 2, "school10002": 0}
    for who in ("employer1", "graduate1", "operator"):
        assert api(who).get("/arrivals/").status_code == 403, who


def test_operators_find_a_student_and_no_refusal_is_called_waiting(
    api: Api, app: Flask, unsent: dict[str, int]
) -> None:
    row = api("school10001").get("/arrivals/?standing=refused").get_json()["result"][0]
    found = api("operator").get(f"/sync/?student={row['exam_number']}").get_json()["result"]
    assert {one["case_id"] for one in found} == {unsent["graduate1"]}
    assert {one["label"] for one in found} == {"对方不予接收，需人工处理"}
