"""The verification over the API, from the draft to the verified unit."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

Api = Callable[..., Any]
ACCOUNT = {"method": "remittance", "account": "1100123456784454", "bank": "示例银行广州分行"}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "red") -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return written.getvalue()


def attach(caller: Any, case_id: int, kind: str, content: bytes | None = None) -> Any:
    """One upload."""
    content = picture() if content is None else content
    data = {"kind": kind, "file": (io.BytesIO(content), "../../x.png")}
    return caller.call("POST", f"/verification/{case_id}/attachments", data=data, content_type="multipart/form-data")


@pytest.fixture
def started(fresh_database: str, api: Api) -> tuple[Any, int]:
    """employer3 with a draft of method B."""
    caller = api("employer3")
    answer = caller.post("/verification/", {"method": "materials", "submit": False})
    assert answer.status_code == 201, answer.get_json()
    return caller, answer.get_json()["id"]


def test_materials_lead_to_a_verified_unit(started: tuple[Any, int], api: Api) -> None:
    caller, case_id = started
    missing = caller.post(f"/verification/{case_id}/submit", {})
    assert missing.status_code == 422
    assert set(missing.get_json()["errors"]) == {"authorization_letter", "licence"}
    assert caller.get("/favorites/").status_code == 409
    for kind in ("authorization_letter", "licence"):
        kept = attach(caller, case_id, kind)
        assert kept.status_code == 201, kept.get_json()
        assert "/" not in kept.get_json()["result"]["name"]
    case = caller.post(f"/verification/{case_id}/submit", {}).get_json()["result"]
    assert case["state"] == "in_review"
    assert case["graduate"] is None
    assert case["cohort"] is None
    assert case["employer"]["name"]
    assert {file["kind"] for file in case["attachments"]} == {"authorization_letter", "licence"}
    operator = api("operator")
    back = operator.post(f"/verification/{case_id}/return", {"reason": "不清晰", "fields": {"licence": "请重拍"}})
    assert back.get_json()["result"]["state"] == "returned"
    assert caller.put(f"/verification/{case_id}", {"method": "materials"}).status_code == 200
    assert caller.post(f"/verification/{case_id}/submit", {}).status_code == 200
    assert (
        operator.post(f"/verification/{case_id}/approve", {"note": "已核对"}).get_json()["result"]["state"]
        == "verified"
    )
    assert caller.get("/favorites/").status_code == 200
    assert caller.post("/verification/", {"method": "materials"}).status_code == 409
    file_id = case["attachments"][0]["id"]
    assert caller.get(f"/attachments/{file_id}").status_code == 200
    assert operator.get(f"/attachments/{file_id}").status_code == 200
    for stranger in ("employer1", "school10001", "graduate1"):
        assert api(stranger).get(f"/attachments/{file_id}").status_code == 404
        assert api(stranger).get(f"/verification/{case_id}").status_code == 404


def test_amount_is_known_by_the_bank_alone(
    fresh_database: str, api: Api, client: FlaskClient, drain: Callable[..., int]
) -> None:
    caller = api("employer3")
    case_id = caller.post("/verification/", {**ACCOUNT, "submit": False}).get_json()["id"]
    attach(caller, case_id, "authorization_letter")
    answer = caller.post(f"/verification/{case_id}/submit", {})
    assert answer.get_json()["result"]["state"] == "remitting"
    assert answer.get_json()["result"]["data"]["account"] == "1100*****4454"
    drain()
    case = caller.get(f"/verification/{case_id}").get_json()["result"]
    assert case["state"] == "awaiting_amount"
    rows = client.get("/standin/bank/statement?account=1100123456784454").get_json()["result"]
    amount = rows[0]["amount"]
    assert 0.01 <= float(amount) <= 1.99
    assert amount not in str({name: value for name, value in case.items() if name not in ("created_at", "updated_at")})
    wrong = "1.50" if amount != "1.50" else "1.51"
    refused = caller.post(f"/verification/{case_id}/confirm_amount", {"amount": wrong})
    assert refused.status_code == 422
    assert "4" in refused.get_json()["errors"]["amount"][0]
    assert caller.post(f"/verification/{case_id}/confirm_amount", {"amount": "abc"}).status_code == 422
    assert caller.get(f"/verification/{case_id}").get_json()["result"]["data"]["tries_left"] == 4
    done = caller.post(f"/verification/{case_id}/confirm_amount", {"amount": amount})
    assert done.get_json()["result"]["state"] == "verified"
    assert caller.get("/favorites/").status_code == 200


def test_five_wrong_amounts_send_it_back(fresh_database: str, api: Api, drain: Callable[..., int]) -> None:
    caller = api("employer3")
    case_id = caller.post("/verification/", {**ACCOUNT, "submit": False}).get_json()["id"]
    attach(caller, case_id, "authorization_letter")
    caller.post(f"/verification/{case_id}/submit", {})
    drain()
    for left in (4, 3, 2, 1):
        answer = caller.post(f"/verification/{case_id}/confirm_amount", {"amount": "3.00"})
        assert answer.status_code == 422
        assert str(left) in answer.get_json()["errors"]["amount"][0]
    assert (
        caller.post(f"/verification/{case_id}/confirm_amount", {"amount": "3.00"}).get_json()["result"]["state"]
        == "returned"
    )
    assert caller.post(f"/verification/{case_id}/confirm_amount", {"amount": "3.00"}).status_code == 409
    texts = [row["event"] for row in caller.get("/notifications/").get_json()["result"]]
    drain()
    texts = [row["event"] for row in caller.get("/notifications/").get_json()["result"]]
    assert texts.count("confirm_amount") == 1
    assert "remitted" in texts


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"method": "guess"}, 422),
        ({}, 422),
        ({"method": "materials"}, 422),
        ({"method": "join", "submit": False}, 409),
        ({"method": "remittance", "account": "12 x", "submit": False}, 422),
        ({"method": "remittance", "bank_code": "1", "submit": False}, 422),
        ({"method": "remittance", "account": 5, "submit": False}, 422),
    ],
)
def test_odd_bodies_are_refused(app: Flask, api: Api, body: dict[str, Any], status: int) -> None:
    caller = api("employer3")
    answer = caller.post("/verification/", body)
    assert answer.status_code == status, answer.get_json()
    assert answer.get_json()["message"]
    assert caller.get("/verification/").get_json()["count"] == 0


def test_only_users_of_units_begin_and_only_once(started: tuple[Any, int], api: Api) -> None:
    caller, _case_id = started
    assert caller.post("/verification/", {"method": "materials", "submit": False}).status_code == 409
    for other in ("school10001", "graduate1", "operator"):
        assert api(other).post("/verification/", {"method": "materials"}).status_code == 403
    assert api("employer1").post("/verification/", {"method": "materials"}).status_code == 409
    assert api("school10001").get("/verification/").status_code == 403


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"%PDF-1.7 named png", 415),
        (b"", 415),
        (b"\x89PNG\r\n\x1a\n broken", 422),
        (b"x" * (10 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_is_no_picture_is_refused(started: tuple[Any, int], content: bytes, status: int) -> None:
    caller, case_id = started
    assert attach(caller, case_id, "licence", content).status_code == status
    assert caller.get(f"/verification/{case_id}").get_json()["result"]["attachments"] == []


def test_unknown_kind_is_refused(started: tuple[Any, int]) -> None:
    caller, case_id = started
    assert attach(caller, case_id, "passport").status_code == 422


def test_unit_changes_what_is_its_own(fresh_database: str, api: Api) -> None:
    caller = api("employer1")
    unit_id = caller.get("/me").get_json()["employer_id"] if caller.get("/me").status_code == 200 else None
    unit_id = unit_id or caller.get("/employers/").get_json()["ids"][0]
    assert caller.get("/employers/").get_json()["count"] == 1
    changed = caller.put(f"/employers/{unit_id}", {"address": "新址 1 号", "website": "https://x.example"})
    assert changed.status_code == 200, changed.get_json()
    assert changed.get_json()["result"]["address"] == "新址 1 号"
    assert caller.put(f"/employers/{unit_id}", {"name": "别的名字"}).status_code == 403
    assert caller.put(f"/employers/{unit_id}", {"nature": "31"}).status_code == 422
    assert caller.put(f"/employers/{unit_id}", {"website": "ftp://x"}).status_code == 422
    operator = api("operator")
    assert operator.put(f"/employers/{unit_id}", {"short_name": "砚渡"}).status_code == 200
    assert operator.put(f"/employers/{unit_id}", {"uscc": "91110108MX5PER8K08"}).status_code == 422
    history = caller.get(f"/employers/{unit_id}").get_json()["result"]["history"]
    assert [set(row["changes"]) for row in history] == [{"short_name"}, {"address", "website"}]
    assert api("employer2").get(f"/employers/{unit_id}").status_code == 404
    assert api("school10001").get("/employers/").status_code == 403
