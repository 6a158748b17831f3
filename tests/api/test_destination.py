"""W6 through the API as a stranger's client would do it: everything it knows comes from the dictionary."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from flask import Flask
from PIL import Image
from python_calamine import CalamineWorkbook

from app.destination.catalogue import types_on
from app.roster.guards import DIRECTED

Api = Callable[..., Any]
BASE = "/destination"
GROUPS = {"10", "27", "50", "51", "75", "80", "701"}
CODES = (
    *("10A", "10B", "10C", "10D", "10E", "10F", "11", "12", "271", "272", "46", "501", "502", "503"),
    *("511", "512", "513", "514", "515", "519", "751", "752", "753", "76", "801", "802", "803", "85", "70", "71", "72"),
)


def photo(shade: int = 255) -> dict[str, Any]:
    """A picture as a phone sends it."""
    content = io.BytesIO()
    Image.new("L", (20, 20), shade).save(content, "JPEG")
    content.seek(0)
    return {"file": (content, "photo.jpg")}


@pytest.fixture
def types(api: Api) -> dict[str, Any]:
    """The dictionary by code, as the API gives it to any account."""
    answer = api("graduate7").get("/dictionaries/destination_types")
    assert answer.status_code == 200
    return {one["code"]: one for one in answer.get_json()["result"]}


def record(described: dict[str, Any]) -> dict[str, Any]:
    """A record from the schema alone: the first of an enum, else the first example."""
    properties = described["schema"]["properties"]
    data = {name: one["enum"][0] if "enum" in one else one["examples"][0] for name, one in properties.items()}
    jsonschema.validate(data, described["schema"], format_checker=jsonschema.FormatChecker())
    return data


@pytest.fixture
def hand_in(api: Api, types: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """A function: create, attach and submit a registration of this type; returns the CASE."""

    def send(code: str, who: str = "graduate7", **changes: Any) -> dict[str, Any]:
        caller = api(who)
        body = {"type": code, "data": {**record(types[code]), **changes}, "submit": False}
        answer = caller.post(f"{BASE}/", body)
        assert answer.status_code == 201, answer.text
        number = answer.get_json()["id"]
        for proof in types[code]["proofs"]:
            answer = caller.post(f"{BASE}/{number}/attachments", data={"kind": proof["kind"], **photo()})
            assert answer.status_code == 201, answer.text
        answer = caller.post(f"{BASE}/{number}/submit")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json()["result"])

    return send


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> Iterator[None]:
    """Each test has its own cases."""
    return


def test_the_list_holds_what_can_be_registered_and_is_the_same_for_all(api: Api, types: dict[str, Any]) -> None:
    assert list(types) == list(CODES)
    assert not GROUPS & set(types)
    for who in ("school10002", "employer1", "operator", "graduate17"):
        assert api(who).get("/dictionaries/destination_types").get_json()["result"] == list(types.values())
    assert [code for code, one in types.items() if set(one["open_to"]) & set(DIRECTED)] == ["10F"]
    assert set(types["10F"]["open_to"]) == set(DIRECTED)


def test_every_schema_is_flat_and_tells_everything(types: dict[str, Any]) -> None:
    for described in types.values():
        schema = described["schema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        assert set(schema) <= {"type", "title", "properties", "required", "additionalProperties"}
        assert set(schema["required"]) <= set(schema["properties"])
        for name, one in schema["properties"].items():
            assert not {"$ref", "anyOf", "oneOf", "allOf", "if", "properties"} & set(one), name
            assert one["title"]
            assert (one.get("enum")) or "examples" in one, name
            assert one.get("format") in (None, "date", "uri", "email", "phone", "uscc")
        kinds = [proof["kind"] for proof in described["proofs"]]
        assert len(kinds) == len(set(kinds))
        assert all({"kind", "label", "required"} <= set(proof) for proof in described["proofs"])


@pytest.mark.parametrize("code", CODES)
def test_every_type_is_accepted_approved_and_synced_with_its_code(
    api: Api, types: dict[str, Any], hand_in: Callable[..., Any], drain: Any, code: str, actor_of: Any
) -> None:
    who = "graduate17" if code == "10F" else "graduate7"
    case = hand_in(code, who)
    assert (case["workflow"], case["state"], case["data"]["type"]) == ("destination", "school_review", code)
    answer = api("school10002").post(f"{BASE}/{case['id']}/approve")
    assert answer.status_code == 200, answer.text
    approved = answer.get_json()["result"]
    assert approved["state"] == "approved"
    assert approved["data"] == {"type": code, "data": record(types[code])}
    named = {name: approved["data"]["data"].get(field) for name, field in (("name", "employer"), ("uscc", "uscc"))}
    assert approved["employer"] == ({"id": None, **named} if named["name"] else None)
    drain()
    held = api("school10002").get(f"/graduates/{actor_of(who).graduate_id}").get_json()["result"]["ems"]["destination"]
    assert (held["code"], held["label"]) == (code, types[code]["label"])
    for name in ("employer", "uscc", "nature", "industry", "region", "category", "contact", "phone", "email"):
        if name in approved["data"]["data"]:
            assert held[name] == approved["data"]["data"][name], name


@pytest.mark.parametrize("code", CODES)
def test_each_required_field_and_proof_left_out_is_refused_there(api: Api, types: dict[str, Any], code: str) -> None:
    caller = api("graduate17" if code == "10F" else "graduate7")
    complete, described = record(types[code]), types[code]
    proofs = [proof["kind"] for proof in described["proofs"] if proof["required"]]
    for left_out in (*described["schema"]["required"], *proofs):
        body = {"type": code, "data": {n: v for n, v in complete.items() if n != left_out}, "submit": False}
        answer = caller.post(f"{BASE}/", body)
        assert answer.status_code == 201, answer.text
        number = answer.get_json()["id"]
        for kind in proofs:
            if kind != left_out:
                caller.post(f"{BASE}/{number}/attachments", data={"kind": kind, **photo()})
        answer = caller.post(f"{BASE}/{number}/submit")
        assert answer.status_code == 422, left_out
        expected = left_out if left_out in proofs else f"data.{left_out}"
        assert set(answer.get_json()["errors"]) == {expected}
        assert caller.get(f"{BASE}/{number}").get_json()["result"]["state"] == "draft"


def test_the_whole_story_with_department_and_school(
    api: Api, hand_in: Callable[..., Any], types: dict[str, Any]
) -> None:
    graduate, department, school = api("graduate1"), api("dept10001a"), api("school10001")
    case = hand_in("801", "graduate1")
    place = f"{BASE}/{case['id']}"
    assert case["events"] == ["withdraw"]
    assert [step["event"] for step in case["history"]] == ["create", "submit"]
    assert department.get(place).get_json()["result"]["events"] == ["approve", "return", "reject", "amend"]
    opinion = {"reason": "请核对", "fields": {"data.major": "与录取通知书不一致"}}
    assert department.post(f"{place}/return", opinion).get_json()["result"]["state"] == "returned"
    changed = {"type": "801", "data": {**case["data"]["data"], "major": "软件工程"}}
    assert graduate.put(place, changed).get_json()["result"]["data"] == changed
    assert graduate.post(f"{place}/submit").status_code == 200
    amended = {"type": "85", "data": record(types["85"]), "reason": "实为境外院校"}
    assert department.post(f"{place}/amend", amended).get_json()["result"]["data"]["type"] == "85"
    assert department.post(f"{place}/approve", {"note": "属实"}).get_json()["result"]["state"] == "school_review"
    assert graduate.post(f"{place}/withdraw").get_json()["code"] == "already_decided"
    assert school.post(f"{place}/approve").get_json()["result"]["state"] == "approved"
    assert graduate.get(place).get_json()["result"]["events"] == ["void"]
    assert graduate.post(f"{place}/void", {"reason": "改为就业"}).get_json()["result"]["state"] == "voided"


def test_directed_students_and_wrong_types(api: Api, types: dict[str, Any]) -> None:
    for who, code in (("graduate17", "11"), ("graduate7", "10F")):
        answer = api(who).post(f"{BASE}/", {"type": code, "data": record(types[code]), "submit": False})
        assert (answer.status_code, answer.get_json()["code"]) == (409, "type_not_open")
    for code in (*GROUPS, "", None, 5, "x" * 500, ["11"], {"a": 1}):
        answer = api("graduate7").post(f"{BASE}/", {"type": code, "data": {}})
        assert answer.status_code == 422
        assert set(answer.get_json()["errors"]) == {"type"}
    for data in (5, "x", [1], [], "", False):
        answer = api("graduate7").post(f"{BASE}/", {"type": "70", "data": data})
        assert answer.status_code == 422, data


def test_who_may_do_what(api: Api, hand_in: Callable[..., Any], types: dict[str, Any]) -> None:
    body = {"type": "70", "data": record(types["70"])}
    for who in ("school10002", "province11", "operator", "employer1"):
        assert api(who).post(f"{BASE}/", body).status_code == 403, who
    for who, code in (("graduate18", None), ("graduate19", "cohort_closed"), ("graduate20", "invalid")):
        answer = api(who).post(f"{BASE}/", body)
        assert answer.status_code == (409 if code else 201), answer.text
    case = hand_in("11")
    place = f"{BASE}/{case['id']}"
    for who in ("graduate8", "school10001", "dept10001a", "province32", "employer1"):
        assert api(who).get(place).status_code == 404, who
        assert api(who).post(f"{place}/approve").status_code == 404, who
        assert api(who).put(place, body).status_code == 404, who
        assert api(who).post(f"{place}/attachments", data={"kind": "labour_contract", **photo()}).status_code == 404
    for who in ("province11", "operator"):
        assert api(who).get(place).status_code == 200
        assert api(who).post(f"{place}/approve").status_code == 403
    assert api("graduate7").post(f"{place}/approve").status_code == 403
    assert api("school10002").put(place, body).status_code == 403
    assert api("graduate7").put(place, body).status_code == 409
    assert (
        api("graduate7").post(f"{place}/attachments", data={"kind": "labour_contract", **photo(9)}).status_code == 409
    )
    assert (
        api("school10002").post(f"{place}/attachments", data={"kind": "labour_contract", **photo(9)}).status_code == 403
    )
    for who in ("school10002", "province11", "operator"):
        assert (
            api(who).post(f"{place}/attachments", data={"kind": ""}, content_type="multipart/form-data").status_code
            == 403
        ), who
    assert (
        api("graduate7").post(f"{place}/attachments", data={"kind": ""}, content_type="multipart/form-data").status_code
        == 409
    )
    assert api("school10002").post(f"{place}/unknown").status_code == 404
    file = case["attachments"][0]["id"]
    assert api("school10002").get(f"/attachments/{file}").status_code == 200
    assert api("graduate8").get(f"/attachments/{file}").status_code == 404


def test_files_of_the_types_own_kinds_only(api: Api, types: dict[str, Any]) -> None:
    caller = api("graduate7")
    number = caller.post(f"{BASE}/", {"type": "11", "data": {}, "submit": False}).get_json()["id"]
    answer = caller.post(f"{BASE}/{number}/attachments", data={"kind": "admission_notice", **photo()})
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {"kind"})
    assert caller.post(f"{BASE}/{number}/attachments", data={"kind": "labour_contract", **photo()}).status_code == 201
    caller.put(f"{BASE}/{number}", {"type": "46", "data": {}})
    caller.post(f"{BASE}/{number}/attachments", data={"kind": "enlistment_notice", **photo()})
    files = caller.post(f"{BASE}/{number}/submit").get_json()["result"]["attachments"]
    assert [file["kind"] for file in files] == ["enlistment_notice"]


def test_bulk_review_judges_each_on_its_own(api: Api, hand_in: Callable[..., Any]) -> None:
    ids = [hand_in("70", who)["id"] for who in ("graduate7", "graduate8")]
    stranger = hand_in("70", "graduate1")["id"]
    answer = api("school10002").post(f"{BASE}/bulk/approve", {"ids": [*ids, stranger, 10**9]})
    assert [one["ok"] for one in answer.get_json()["result"]] == [True, True, False, False]
    answer = api("school10002").post(f"{BASE}/bulk/return", {"ids": ids, "reason": "x"})
    assert [one["code"] for one in answer.get_json()["result"]] == ["wrong_state", "wrong_state"]


def test_an_idempotency_key_makes_one_record(api: Api, types: dict[str, Any]) -> None:
    caller, body = api("graduate7"), {"type": "70", "data": record(types["70"])}
    first = caller.post(f"{BASE}/", body, headers={"Idempotency-Key": "abc"})
    second = caller.post(f"{BASE}/", body, headers={"Idempotency-Key": "abc"})
    assert first.get_json() == second.get_json()
    assert caller.get(f"{BASE}/").get_json()["count"] == 1


def test_the_sheet_has_the_columns_of_all_types(app: Flask, api: Api, hand_in: Callable[..., Any]) -> None:
    hand_in("11")
    hand_in("803", "graduate8")
    answer = api("school10002").get(f"{BASE}/export")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    with app.app_context():
        wanted = {field.name for kind in types_on() for field in kind.fields}
    heads = rows[0]
    assert {"毕业去向代码", "单位名称", "统一社会信用代码", "录取专业", "留学院校外文名称"} <= set(heads)
    assert len(heads) >= len(wanted)
    cells = [dict(zip(heads, row, strict=True)) for row in rows[1:]]
    assert {row["毕业去向代码"] for row in cells} == {"11", "803"}
    assert {row["录取专业"] for row in cells} == {"", "计算机科学与技术"}
    by_type = api("school10002").get(f"{BASE}/?q=(filters:!((col:type,opr:eq,value:'803')))").get_json()
    assert [one["data"]["type"] for one in by_type["result"]] == ["803"]
