"""The API of a workflow as every workflow has it: order of checks, lists, bulk, export, description."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

Api = Callable[..., Any]
Invite = Callable[..., list[int]]
Fire = Callable[..., str]
BASE = "/online_signing"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def test_first_failing_check_answers(client: FlaskClient, api: Api, invite: Invite) -> None:
    (case_id,) = invite("graduate1")
    path = f"{BASE}/{case_id}/withdraw"
    assert client.post(f"/api/v1{path}", data="{", content_type="application/json").status_code == 400
    assert client.post(f"/api/v1{path}", json={}).status_code == 401
    assert api("employer2").post(path, {}).status_code == 404
    assert api("school10001").post(path, {}).status_code == 403
    assert api("graduate1").post(f"{BASE}/{case_id}/decline", {}).status_code == 200
    assert api("employer1").post(path, {}).status_code == 409
    (again,) = invite("graduate2")
    refused = api("employer1").post(f"{BASE}/{again}/withdraw", {})
    assert refused.status_code == 422
    assert "reason" in refused.get_json()["errors"]


def test_case_has_the_promised_shape(api: Api, invite: Invite) -> None:
    (case_id,) = invite("graduate1")
    body = api("graduate1").get(f"{BASE}/{case_id}").get_json()
    case = body["result"]
    assert body["id"] == case["id"] == case_id
    assert set(case) == {
        *("id", "workflow", "state", "label", "cohort", "graduate", "employer", "number", "data"),
        *("version", "attachments", "events", "history", "created_at", "updated_at", "external_id", "due"),
        "amendments",
    }
    assert set(case["graduate"]) == {"id", "name", "id_number", "school", "department", "level", "major"}
    assert set(case["employer"]) == {"id", "name", "uscc"}
    assert "********" in case["graduate"]["id_number"]
    assert case["label"] == "等待学生应约"
    assert sorted(case["events"]) == ["accept", "decline"]
    assert case["created_at"].endswith("+08:00")
    assert set(case["history"][0]) == {"event", "from", "to", "actor", "role", "at", "reason", "proof"}


def test_list_is_searched_ordered_and_paged(api: Api, invite: Invite, fire: Fire) -> None:
    ids = invite("graduate1", "graduate2", "graduate7")
    fire("graduate1", ids[0], "decline")
    employer = api("employer1")

    def listed(q: str) -> tuple[int, list[int]]:
        answer = employer.get(f"{BASE}/?q={q}")
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        assert [case["id"] for case in body["result"]] == body["ids"]
        return body["count"], body["ids"]

    assert listed("(order_column:id,order_direction:asc)") == (3, ids)
    assert listed("(order_column:id,order_direction:desc,page_size:2)") == (3, ids[:0:-1])
    assert listed("(order_column:id,order_direction:asc,page:1,page_size:2)") == (3, ids[2:])
    assert listed("(page:9)") == (3, [])
    assert listed("(filters:!((col:state,opr:eq,value:declined)))") == (1, ids[:1])
    assert listed("(filters:!((col:state,opr:in,value:!(declined,signed))))") == (1, ids[:1])
    assert listed(f'{{"filters": [{{"col": "id", "opr": "in", "value": {ids[1:]}}}]}}')[0] == 2
    assert listed("(filters:!((col:graduate_name,opr:ct,value:'%25')))") == (0, [])


def test_list_reads_no_more_for_more_rows(
    app: Flask, plain_app: Flask, statements: list[str], api: Api, invite: Invite
) -> None:
    from tests.fixtures.application import PASSWORD
    from tests.fixtures.application import Api as Caller

    invite("graduate1", "graduate2", "graduate7", "graduate8")
    caller = Caller(plain_app.test_client(), "employer1", PASSWORD)
    counts = []
    for size in (1, 4):
        statements.clear()
        assert caller.get(f"{BASE}/?q=(page_size:{size})").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] or max(counts) <= 4 + 4, counts


def test_event_costs_at_most_twelve_statements(
    plain_app: Flask, statements: list[str], invite: Invite, fire: Fire
) -> None:
    from tests.fixtures.application import PASSWORD
    from tests.fixtures.application import Api as Caller

    warm, case_id = invite("graduate7", "graduate8")
    fire("graduate7", warm, "accept")
    school, graduate = (Caller(plain_app.test_client(), name, PASSWORD) for name in ("school10002", "graduate8"))
    school.post(f"{BASE}/{warm}/approve")  # code tables and permissions are read once
    for caller, event, authentication in ((graduate, "accept", 5), (school, "approve", 4)):
        caller.get(f"{BASE}/{case_id}")
        statements.clear()
        assert caller.post(f"{BASE}/{case_id}/{event}").status_code == 200
        # The code with its number drawn, whose phone it is, that it is spent; how long the school may take;
        # and its contact, who is printed.
        proof = 6 if event == "accept" else 0
        assert len(statements) - authentication <= 12 + proof, (event, len(statements))


def test_bulk_judges_each_alone(api: Api, invite: Invite, fire: Fire) -> None:
    ids = invite("graduate7", "graduate8")
    fire("graduate7", ids[0], "accept")
    answer = api("school10002").post(f"{BASE}/bulk/approve", {"ids": [*ids, 10**12]})
    assert answer.status_code == 200
    first, second, third = answer.get_json()["result"]
    assert first == {"id": ids[0], "ok": True, "state": "signed"}
    assert (second["ok"], second["code"]) == (False, "wrong_state")
    assert (third["ok"], third["code"]) == (False, "not_found")
    assert second["message"]


@pytest.mark.parametrize(
    ("event", "body", "status"),
    [
        ("nope", {"ids": [1]}, 404),
        ("accept", {"ids": [1]}, 403),
        ("expire", {"ids": [1]}, 403),
        ("approve", {}, 422),
        ("approve", {"ids": []}, 422),
        ("approve", {"ids": "1"}, 422),
        ("approve", {"ids": [1.5]}, 422),
        ("approve", {"ids": list(range(1, 10_002))}, 422),
    ],
)
def test_bulk_refuses_odd_calls(api: Api, event: str, body: dict[str, Any], status: int) -> None:
    assert api("school10002").post(f"{BASE}/bulk/{event}", body).status_code == status


@pytest.mark.parametrize("pk", ["0", str(2**63), str(10**40)])
def test_impossible_id_is_not_found(api: Api, pk: str) -> None:
    caller = api("school10002")
    assert caller.get(f"{BASE}/{pk}").status_code == 404
    assert caller.post(f"{BASE}/{pk}/approve", {}).status_code == 404
    assert caller.get(f"{BASE}/{pk}/document").status_code == 404


def test_export_holds_the_query(api: Api, invite: Invite, fire: Fire) -> None:
    ids = invite("graduate1", "graduate2")
    fire("graduate1", ids[0], "decline")
    answer = api("employer1").get(f"{BASE}/export?q=(filters:!((col:state,opr:eq,value:declined)))")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    answer.close()
    assert len(rows) == 2
    assert rows[1][0] == str(ids[0])
    assert "学生已拒绝签约（签约失败）" in rows[1]
    assert api("graduate1").get(f"{BASE}/export").status_code == 403


def test_cells_are_never_formulas() -> None:
    from app.web.sheets import Column, cells_of, write_xlsx

    file = io.BytesIO()
    texts = ["=1+1", "+1", "-1", "@x", "http://x.example/", None, True, 3]
    columns = [Column("x", lambda text: text)]
    write_xlsx(file, columns, cells_of(columns, texts[:5]), "")
    import zipfile

    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_description_names_every_address(app: Flask, client: FlaskClient) -> None:
    spec = client.get("/api/v1/_openapi").get_json()
    described = set(spec["paths"])
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"/api/v1{BASE}") and "event" not in rule.arguments:
            assert rule.rule.replace("<int:pk>", "{pk}") in described, rule.rule
    for event in ("accept", "decline", "withdraw", "abort", "approve", "reject", "void", "edit_category"):
        assert f"/api/v1{BASE}/{{pk}}/{event}" in described
        assert f"/api/v1{BASE}/bulk/{event}" in described
    assert f"/api/v1{BASE}/{{pk}}/expire" not in described
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "delete") and path.startswith(f"/api/v1{BASE}"):
                assert operation["security"] == [{"jwt": []}], path
                assert {"401", "403", *(("404",) if "{pk}" in path else ())} <= set(operation["responses"]), path
