"""One event for many: dry run, all that match a query, a job with a result for each when they are hundreds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

Api = Callable[..., Any]
Invite = Callable[..., list[int]]
Fire = Callable[..., str]
BASE = "/online_signing"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def waiting(invite: Invite, fire: Fire) -> list[int]:
    """Two signings that wait for their school."""
    ids = invite("graduate7", "graduate8")
    for name, case_id in zip(("graduate7", "graduate8"), ids, strict=True):
        fire(name, case_id, "accept")
    return ids


def _state(api: Api, case_id: int) -> tuple[str, Any, int]:
    case = api("school10002").get(f"{BASE}/{case_id}").get_json()["result"]
    return case["state"], case["number"], len(case["history"])


def test_dry_run_says_what_the_call_says_and_changes_nothing(api: Api, waiting: list[int], sql: Any) -> None:
    body = {"ids": [*waiting, 10**12]}
    before = [_state(api, one) for one in waiting]
    messages = sql.execute("SELECT count(*) FROM outbox").fetchone()
    dry = api("school10002").post(f"{BASE}/bulk/approve", {**body, "dry_run": True})
    assert dry.status_code == 200, dry.text
    assert [_state(api, one) for one in waiting] == before
    assert sql.execute("SELECT count(*) FROM outbox").fetchone() == messages
    assert sql.execute("SELECT count(*) FROM agreement_numbers").fetchone() == (0,)
    real = api("school10002").post(f"{BASE}/bulk/approve", body)
    assert real.get_json() == dry.get_json()
    assert [one["ok"] for one in real.get_json()["result"]] == [True, True, False]
    assert [_state(api, one)[0] for one in waiting] == ["signed", "signed"]


def test_dry_run_names_the_units(api: Api, waiting: list[int]) -> None:
    body = {"ids": waiting, "dry_run": True, "units": True}
    (unit,) = api("school10002").post(f"{BASE}/bulk/approve", body).get_json()["units"]
    assert (unit["name"], unit["count"], unit["warning"]) == ("北京砚渡禾信息技术有限公司", 2, [])
    assert "units" not in api("school10002").post(f"{BASE}/bulk/approve", {**body, "units": False}).get_json()


def test_query_names_all_that_match(api: Api, waiting: list[int]) -> None:
    school = api("school10002")
    query = {"state": ["school_review"], "school": "10002", "order": "id"}
    dry = school.post(f"{BASE}/bulk/approve", {"query": query, "dry_run": True}).get_json()["result"]
    assert [one["id"] for one in dry] == waiting[:2]
    assert [one["id"] for one in school.post(f"{BASE}/bulk/approve", {"query": query}).get_json()["result"]] == waiting[
        :2
    ]
    assert school.post(f"{BASE}/bulk/approve", {"query": query}).get_json() == {"result": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"ids": [1], "query": {}}, 422),
        ({"query": []}, 422),
        ({"query": {"stat": "x"}}, 400),
        ({"query": {"page": 1}}, 400),
        ({"query": {"state": "nonsense"}}, 400),
        ({"ids": [1], "dry_run": "yes"}, 422),
    ],
)
def test_odd_bodies_are_refused(api: Api, body: dict[str, Any], status: int) -> None:
    assert api("school10002").post(f"{BASE}/bulk/approve", body).status_code == status


@pytest.mark.parametrize("dry_run", [True, False])
def test_hundreds_are_a_job(app: Flask, api: Api, waiting: list[int], dry_run: bool) -> None:
    from tests.fixtures.outbox import run_jobs

    school, strange = api("school10002"), list(range(10**12, 10**12 + 120))
    body = {"ids": [*waiting, *strange], "note": "集中鉴证", "dry_run": dry_run}
    answer = school.post(f"{BASE}/bulk/approve", body)
    assert answer.status_code == 202, answer.text
    path = f"/jobs/{answer.get_json()['job_id']}"
    assert school.get(path).get_json()["result"]["total"] == 122
    run_jobs(app)
    job = school.get(path).get_json()["result"]
    assert (job["state"], job["done"], job["outcome"]["done"], job["outcome"]["refused"]) == ("done", 122, 2, 120)
    assert [one["ok"] for one in job["outcome"]["result"][:3]] == [True, True, False]
    assert [unit["count"] for unit in job["outcome"].get("units", [])] == ([2] if dry_run else [])
    assert [reason["count"] for reason in job["outcome"]["reasons"]] == [120]
    assert [_state(api, one)[0] for one in waiting[:2]] == (["school_review"] if dry_run else ["signed"]) * 2
    lines = school.get(f"{path}/sheet?format=csv").data.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 122 + 1
    assert api("school10001").get(path).status_code == 404
