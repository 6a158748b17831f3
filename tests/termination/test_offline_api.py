"""W5 at the JSON API: round trips, bad bodies, and nothing for those outside the scope."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.database import session
from tests.documents.pictures import paper, picture
from tests.fixtures.application import Api
from tests.termination.offline_stage import EXPLANATION, REJECT, RETURN, WHY, Desk

Opened = Callable[..., Api]
PATH = "/offline_termination/"
# Every account outside the scope of graduate7 of 10002: another graduate, school, department, province, any unit.
STRANGERS = ("graduate8", "school10001", "dept10001a", "province32", "employer1")


@pytest.fixture
def signing(fresh_database: str, app: Flask) -> int:
    """A signed registration of graduate7."""
    with app.app_context():
        number = Desk("graduate7", "school10002").registered().id
        session.remove()
    return int(number)


def _body(signing: int, **more: Any) -> dict[str, Any]:
    return {"signing_workflow": "supplementary", "signing_id": signing, **WHY, **more}


def _attach(api: Api, case: int, kind: str = "termination_letter", content: bytes = b"", name: str = "a.jpg") -> Any:
    data = {"kind": kind, "file": (io.BytesIO(content or picture()), name)}
    return api.post(f"{PATH}{case}/attachments", data=data, content_type="multipart/form-data")


def _draft(api: Api, signing: int) -> int:
    answer = api.post(PATH, _body(signing, submit=False))
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def test_from_the_draft_to_the_release(api: Opened, signing: int) -> None:
    """Create, attach, submit, return, edit, submit, approve; the record tells the same to everybody in scope."""
    graduate, school = api("graduate7"), api("school10002")
    case = _draft(graduate, signing)
    shown = graduate.get(f"{PATH}{case}").get_json()["result"]
    assert (shown["state"], shown["workflow"]) == ("draft", "offline_termination")
    assert {name: shown["data"][name] for name in _body(signing)} == _body(signing)
    assert shown["employer"] == {"id": None, "name": "华北精密机械制造有限公司", "uscc": "91110108551385082Q"}
    assert shown["events"] == ["submit"]

    kept = _attach(graduate, case)
    assert kept.status_code == 201
    assert kept.get_json()["result"]["kind"] == "termination_letter"
    assert graduate.post(f"{PATH}{case}/submit").get_json()["result"]["state"] == "school_review"
    returned = school.post(f"{PATH}{case}/return", RETURN).get_json()["result"]
    assert (returned["state"], returned["history"][-1]["reason"]) == ("returned", RETURN["reason"])
    assert graduate.put(f"{PATH}{case}", _body(signing, reason="已补盖公章")).status_code == 200
    assert graduate.post(f"{PATH}{case}/submit").status_code == 200

    refused = school.post(f"{PATH}{case}/approve", {"settlement": "unilateral", "explanation": EXPLANATION})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["statement"])
    approved = school.post(f"{PATH}{case}/approve", {"settlement": "mutual", "note": "已核实"})
    assert approved.status_code == 200, approved.text
    result = approved.get_json()["result"]
    assert (result["state"], result["data"]["settlement"], result["events"]) == ("approved", "mutual", [])
    assert [step["event"] for step in result["history"]] == ["create", "submit", "return", "submit", "approve"]
    assert [file["kind"] for file in result["attachments"]] == ["termination_letter"]
    assert graduate.get(f"/supplementary/{signing}").get_json()["result"]["state"] == "terminated"


def test_a_withdrawn_one_is_a_draft_again(api: Opened, signing: int) -> None:
    """The reason may stay away."""
    graduate = api("graduate7")
    case = _draft(graduate, signing)
    _attach(graduate, case, "statement", paper(), "statement.pdf")
    assert graduate.post(f"{PATH}{case}/submit").status_code == 200
    assert graduate.post(f"{PATH}{case}/withdraw").get_json()["result"]["state"] == "draft"
    assert graduate.post(f"{PATH}{case}/submit").status_code == 200


def test_missing_papers_are_named(api: Opened, signing: int) -> None:
    """422 with the kind of the attachment, at creation with submit as well as at the event."""
    graduate = api("graduate7")
    created = graduate.post(PATH, _body(signing))
    assert (created.status_code, list(created.get_json()["errors"])) == (422, ["termination_letter"])
    assert graduate.get(PATH).get_json()["count"] == 0
    case = _draft(graduate, signing)
    submitted = graduate.post(f"{PATH}{case}/submit")
    assert (submitted.status_code, list(submitted.get_json()["errors"])) == (422, ["termination_letter"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"signing_workflow": "supplementary"}, 422),
        ({"signing_workflow": "online_signing", "signing_id": 1}, 422),
        ({"signing_workflow": "supplementary", "signing_id": None}, 422),
        ({"signing_workflow": "supplementary", "signing_id": "x"}, 422),
        ({"signing_workflow": "supplementary", "signing_id": -1}, 422),
        ({"signing_workflow": "supplementary", "signing_id": 2**70}, 422),
        ({"signing_workflow": {}, "signing_id": []}, 422),
        ({"signing_workflow": "offline_signing", "signing_id": 987654321}, 404),
        ({"signing_workflow": "supplementary", "signing_id": 987654321, "reason_code": "77"}, 404),
    ],
)
def test_bad_bodies_of_create(api: Opened, signing: int, body: dict[str, Any], status: int) -> None:
    """Never a 500; each says what is wrong."""
    answer = api("graduate7").post(PATH, {**body, "submit": False})
    assert (answer.status_code, bool(answer.get_json()["message"])) == (status, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason_code": "77"}, "reason_code"),
        ({"reason_code": 16}, "reason_code"),
        ({"reason": "长" * 501}, "reason"),
        ({"reason": ["x"]}, "reason"),
    ],
)
def test_bad_fields(api: Opened, signing: int, change: dict[str, Any], field: str) -> None:
    """The same of create and of edit."""
    graduate = api("graduate7")
    created = graduate.post(PATH, _body(signing, submit=False, **change))
    assert (created.status_code, list(created.get_json()["errors"])) == (422, [field])
    case = _draft(graduate, signing)
    edited = graduate.put(f"{PATH}{case}", _body(signing, **change))
    assert (edited.status_code, list(edited.get_json()["errors"])) == (422, [field])


@pytest.mark.parametrize(
    ("event", "data", "fields"),
    [
        ("approve", {}, {"settlement"}),
        ("approve", {"settlement": ["mutual"]}, {"settlement"}),
        ("approve", {"settlement": "unilateral", "explanation": {"a": 1}}, {"explanation"}),
        ("approve", {"settlement": "mutual", "note": 1}, {"note"}),
        ("return", {}, {"reason"}),
        ("return", {"reason": "改", "fields": "x"}, {"fields"}),
        ("reject", {"reason_code": "77", "reason": "不符"}, {"reason_code"}),
        ("reject", {"reason_code": "6"}, {"reason"}),
    ],
)
def test_bad_verdicts(api: Opened, signing: int, event: str, data: dict[str, Any], fields: set[str]) -> None:
    """422 at the field, and the application waits as before."""
    graduate, school = api("graduate7"), api("school10002")
    case = _draft(graduate, signing)
    _attach(graduate, case)
    assert graduate.post(f"{PATH}{case}/submit").status_code == 200
    answer = school.post(f"{PATH}{case}/{event}", data)
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, fields)
    assert school.get(f"{PATH}{case}").get_json()["result"]["state"] == "school_review"


def test_papers_of_other_kinds_and_makes_are_refused(api: Opened, signing: int) -> None:
    """Pictures and PDF files of the two kinds alone (R9.3)."""
    graduate = api("graduate7")
    case = _draft(graduate, signing)
    assert _attach(graduate, case, "stamped_agreement").status_code == 422
    assert _attach(graduate, case, content=b"MZ nothing", name="a.exe").status_code == 415
    assert _attach(api("school10002"), case).status_code == 403


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nobody_outside_the_scope_finds_anything(api: Opened, signing: int, stranger: str) -> None:
    """404 on every route, whether the role could ever do it or not; lists, bulk and export leave it out."""
    graduate = api("graduate7")
    case = _draft(graduate, signing)
    file = _attach(graduate, case).get_json()["id"]
    graduate.post(f"{PATH}{case}/submit")
    foreign = api(stranger)
    assert foreign.get(f"{PATH}{case}").status_code == 404
    assert foreign.put(f"{PATH}{case}", WHY).status_code == 404
    assert foreign.get(f"/attachments/{file}").status_code == 404
    assert _attach(foreign, case).status_code == 404
    for event, data in (
        *(("submit", {}), ("withdraw", {}), ("approve", {"settlement": "mutual"})),
        *(("return", RETURN), ("reject", REJECT)),
    ):
        assert foreign.post(f"{PATH}{case}/{event}", data).status_code == 404, event
    bulk = foreign.post(f"{PATH}bulk/reject", {"ids": [case], **REJECT})
    assert bulk.status_code == 403 or not bulk.get_json()["result"][0]["ok"]
    listed = foreign.get(PATH)
    assert listed.status_code == 403 or case not in listed.get_json()["ids"]
    created = foreign.post(PATH, _body(signing, submit=False))
    assert created.status_code == (404 if stranger == "graduate8" else 403)
    assert graduate.get(f"{PATH}{case}").get_json()["result"]["state"] == "school_review"


def test_many_at_once_are_judged_one_by_one(api: Opened, signing: int) -> None:
    """Bulk rejection; the settlement of bulk approvals is the same for all of them (R8.15)."""
    graduate, school = api("graduate7"), api("school10002")
    case = _draft(graduate, signing)
    _attach(graduate, case)
    graduate.post(f"{PATH}{case}/submit")
    answer = school.post(f"{PATH}bulk/approve", {"ids": [case, 987654321], "settlement": "mutual"}).get_json()["result"]
    assert [one["ok"] for one in answer] == [True, False]


def test_search_and_sheet(api: Opened, signing: int) -> None:
    """By signing and reason; the sheet is the query (R8.13)."""
    graduate, school = api("graduate7"), api("school10002")
    case = _draft(graduate, signing)
    query = f"(filters:!((col:signing_id,opr:eq,value:{signing}),(col:reason_code,opr:eq,value:'16')))"
    assert school.get(f"{PATH}?q={query}").get_json()["ids"] == [case]
    assert school.get(f"{PATH}export?q={query}").status_code == 200
    assert graduate.get(f"{PATH}export").status_code == 403


def test_creating_twice_with_one_key_gives_one_record(api: Opened, signing: int) -> None:
    """Idempotency-Key."""
    graduate = api("graduate7")
    answers = [graduate.post(PATH, _body(signing, submit=False), headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].get_json()["id"] == answers[1].get_json()["id"]
    assert graduate.get(PATH).get_json()["count"] == 1
