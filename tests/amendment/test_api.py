"""W10 through the API by each side, with everything that may not be done; the signing and its paper afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.database import session
from tests.documents.pdf import bare_text
from tests.termination.stage import BY_GRADUATE, TerminationStage

Api = Callable[..., Any]
BASE = "/amendment"
CHANGES = {"position.title": "高级软件工程师", "position.salary_month": "15000.00"}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def signing(app: Flask) -> int:
    """A signed agreement of graduate1 with employer1."""
    with app.app_context():
        found = TerminationStage().sign().id
        session.remove()
        return found


@pytest.fixture
def press(api: Api) -> Callable[..., dict[str, Any]]:
    """A function: press("employer1", 5, "agree") fires an event and returns the CASE."""

    def fire(who: str, case_id: int, event: str, **data: Any) -> dict[str, Any]:
        answer = api(who).post(f"{BASE}/{case_id}/{event}", data)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json()["result"])

    return fire


def _start(api: Api, who: str, signing: int, **changes: Any) -> int:
    answer = api(who).post(
        f"{BASE}/", {"signing_id": signing, "changes": changes or CHANGES, "reason": "岗位调整，双方协商一致"}
    )
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def test_whole_story_from_the_unit(api: Api, signing: int, press: Any, drain: Any, ems: Any) -> None:
    drain()
    paper = api("graduate1").get(f"/online_signing/{signing}/document").data
    agreement = api("graduate1").get(f"/online_signing/{signing}").get_json()["result"]
    assert agreement["amendments"] == []
    case_id = _start(api, "employer1", signing)
    case = api("graduate1").get(f"{BASE}/{case_id}").get_json()["result"]
    assert case["state"] == "waiting_graduate"
    assert case["data"] == {
        "signing_id": signing,
        "changes": {
            "position.title": {"from": "软件工程师", "to": "高级软件工程师"},
            "position.salary_month": {"from": "12000.00", "to": "15000.00"},
        },
        "reason": "岗位调整，双方协商一致",
    }
    assert (case["number"], case["due"]["then"]) == (None, "tell")
    assert sorted(case["events"]) == ["agree", "refuse"]
    assert press("graduate1", case_id, "agree")["state"] == "dept_review"
    assert press("dept10001a", case_id, "approve")["state"] == "school_review"
    unchanged = api("employer1").get(f"/online_signing/{signing}").get_json()["result"]
    assert unchanged["data"] == agreement["data"]
    done = press("school10001", case_id, "approve")
    assert (done["state"], done["number"]) == ("approved", f"{agreement['number']}-1")
    drain()
    after = api("graduate1").get(f"/online_signing/{signing}").get_json()["result"]
    assert (after["state"], after["data"]["position"]["salary_month"]) == ("signed", "15000.00")
    assert after["data"]["position"]["title"] == "高级软件工程师"
    assert after["data"]["clauses"] == agreement["data"]["clauses"]
    (told,) = after["amendments"]
    assert (told["id"], told["number"], told["changes"]) == (case_id, done["number"], case["data"]["changes"])
    assert api("graduate1").get(f"/online_signing/{signing}/document").data == paper
    supplement = api("employer1").get(f"{BASE}/{case_id}/document")
    assert (supplement.status_code, supplement.data[:5]) == (200, b"%PDF-")
    second = _start(api, "graduate1", signing, **{"position.contact": "王敏"})
    press("employer1", second, "agree")
    press("dept10001a", second, "approve")
    assert press("school10001", second, "approve")["number"] == f"{agreement['number']}-2"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"clauses": "x"}, "changes.clauses"),
        ({"position.liquidated_damages": "1.00"}, "changes.position.liquidated_damages"),
        ({"employer.name": "x"}, "changes.employer.name"),
        ({"position.salary_month": "abc"}, "changes.position.salary_month"),
        ({"position.title": ""}, "changes.position.title"),
        ({"position.title": "软件工程师"}, "changes"),
        ({"archive.accept": True}, "changes.archive.receiver"),
        ({}, "changes"),
        (None, "changes"),
        ("x", "changes"),
    ],
)
def test_what_cannot_be_amended(api: Api, signing: int, changes: Any, field: str) -> None:
    answer = api("employer1").post(f"{BASE}/", {"signing_id": signing, "changes": changes, "reason": "更正"})
    assert answer.status_code == 422, answer.text
    assert field in answer.get_json()["errors"]


def test_what_the_rules_refuse(api: Api, signing: int, press: Any) -> None:
    body = {"signing_id": signing, "changes": CHANGES, "reason": "更正"}
    for who, status in (("employer2", 404), ("graduate3", 404), ("school10001", 403), ("dept10001a", 403)):
        assert api(who).post(f"{BASE}/", body).status_code == status, who
    assert api("employer1").post(f"{BASE}/", {**body, "signing_id": 10**12}).status_code == 404
    case_id = _start(api, "employer1", signing)
    again = api("graduate1").post(f"{BASE}/", body)
    assert (again.status_code, again.get_json()["code"]) == (409, "amendment_open")
    assert api("employer1").post(f"{BASE}/{case_id}/agree", {}).status_code == 409
    assert api("school10001").post(f"{BASE}/{case_id}/agree", {}).status_code == 403
    assert api("employer1").get(f"{BASE}/{case_id}/document").status_code == 404
    assert press("graduate1", case_id, "refuse", reason="不同意")["state"] == "refused"
    case_id = _start(api, "employer1", signing)
    assert press("employer1", case_id, "withdraw", reason="写错了")["state"] == "withdrawn"
    assert api("graduate1").post("/online_termination/", {"signing_id": signing, **BY_GRADUATE}).status_code == 201
    refused = api("employer1").post(f"{BASE}/", body)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "termination_open")


def test_it_lapses_with_the_agreement(api: Api, signing: int, press: Any) -> None:
    case_id = _start(api, "graduate1", signing)
    press("employer1", case_id, "agree")
    assert api("school10001").post(f"/online_signing/{signing}/void", {"reason": "双方协商一致"}).status_code == 200
    case = api("graduate1").get(f"{BASE}/{case_id}").get_json()["result"]
    assert (case["state"], case["events"]) == ("lapsed", [])


def test_the_table_of_fields(api: Api) -> None:
    told = api("employer1").get("/dictionaries/amendable_fields").get_json()["result"]
    codes = {one["code"] for one in told}
    assert {"position.title", "archive.receiver", "hukou.address"} <= codes
    assert not {"clauses", "position.liquidated_damages"} & codes
    assert all(one["label"] for one in told)


def test_a_graduate_proves_to_be_the_one(app: Flask) -> None:
    """Starting and agreeing are bound to a code of one's own phone, as the table says."""
    from app.amendment.workflow import AMENDMENT

    bound = {(row.event, row.who) for row in (*AMENDMENT.initial, *AMENDMENT.transitions) if row.proof is not None}
    assert {("start", ("graduate",)), ("agree", ("graduate",))} <= bound


def test_its_paper_says_when_the_agreement_is_over(api: Api, signing: int, press: Any, drain: Any) -> None:
    case_id = _start(api, "graduate1", signing)
    press("employer1", case_id, "agree")
    press("dept10001a", case_id, "approve")
    press("school10001", case_id, "approve")
    drain()
    place = f"{BASE}/{case_id}/document"
    original = api("employer1").get(place)
    assert "已作废" not in bare_text(original.data)
    assert api("school10001").post(f"/online_signing/{signing}/void", {"reason": "双方协商一致"}).status_code == 200
    assert api("employer1").get(place).status_code == 202
    drain()
    marked = api("employer1").get(place)
    assert "已作废" in bare_text(marked.data)
    assert "双方协商一致" in bare_text(marked.data)
    assert api("employer1").get(f"{place}?original=true").data == original.data
