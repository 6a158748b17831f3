"""A school's own phrases: kept, changed and forgotten by the school alone, offered to its departments too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

Api = Callable[..., Any]
SENT = {
    "workflow": "destination",
    "event": "return",
    "field": "data.employer",
    "label": "单位名称",
    "text": "与执照不一致",
}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own phrases."""


def test_kept_once_changed_and_forgotten(api: Api) -> None:
    school = api("school10001")
    made = school.post("/phrases/", SENT)
    assert made.status_code == 201, made.text
    number = made.get_json()["id"]
    assert school.post("/phrases/", SENT).get_json()["id"] == number
    listed = school.get("/phrases/?workflow=destination").get_json()
    assert [{name: row[name] for name in SENT} for row in listed["result"]] == [SENT]
    assert school.put(f"/phrases/{number}", {"text": "请核对"}).get_json()["result"]["text"] == "请核对"
    other = school.post("/phrases/", SENT).get_json()["id"]
    assert school.put(f"/phrases/{other}", {"text": "请核对"}).get_json()["code"] == "already_kept"
    assert school.delete(f"/phrases/{number}").status_code == 200
    assert school.get(f"/phrases/{number}").status_code == 404


def test_others_reach_nothing(api: Api) -> None:
    number = api("school10001").post("/phrases/", SENT).get_json()["id"]
    for who in ("school10002", "dept10001a", "province11", "employer1", "graduate1"):
        for method in ("GET", "PUT", "DELETE"):
            assert api(who).call(method, f"/phrases/{number}", json={"text": "x"}).status_code == 404, (method, who)
    for who in ("dept10001a", "province11", "operator", "employer1", "graduate1"):
        assert api(who).post("/phrases/", SENT).status_code == 403, who
    assert api("operator").delete(f"/phrases/{number}").status_code == 403


@pytest.mark.parametrize(
    "changes", [{"event": "approve"}, {"workflow": "nonsense"}, {"text": " "}, {"text": "长" * 501}]
)
def test_odd_ones_are_refused(api: Api, changes: dict[str, Any]) -> None:
    assert api("school10001").post("/phrases/", {**SENT, **changes}).status_code == 422


def test_so_many_and_no_more(api: Api) -> None:
    school = api("school10001")
    answers = [school.post("/phrases/", {**SENT, "text": f"第{number}条"}).status_code for number in range(31)]
    assert answers == [201] * 30 + [409]
    assert school.post("/phrases/", {**SENT, "text": "第3条"}).status_code == 201


def test_departments_are_offered_them_with_one_statement(
    app: Flask, api: Api, actor_of: Callable[[str], Any], statements: list[str]
) -> None:
    from app.cases.phrases.queries import Offered, offered

    api("school10001").post("/phrases/", SENT)
    with app.app_context():
        actors = [actor_of(name) for name in ("school10001", "dept10001a", "school10002", "province11")]
        found = []
        for actor in actors:
            statements.clear()
            found.append(offered("destination", ["return", "reject"], actor))
            assert len(statements) <= 1
    own = Offered(SENT["text"], SENT["field"], SENT["label"])
    assert [one["return"][0] == own for one in found] == [True, True, False, False]
    assert all(len(one["return"]) >= 6 and one["reject"] == [] for one in found)
