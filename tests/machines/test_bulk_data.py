"""Data in and out for other systems: students as JSON, own references on invitations, destinations beside graduates."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.fixtures.pages import letter
from tests.roster.sheets import student
from tests.signing.stage import Stage


def batch_of(api: Any, number: int) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/roster/batches/{number}").get_json()["result"]
    return found


def test_students_as_json_are_checked_like_a_sheet_and_written(fresh_database: str, api: Any, drain: Any) -> None:
    school = api("school10284")
    sent = student(姓名="陆知远")
    dry = school.post("/roster/students", {"students": [sent], "dry_run": True})
    assert dry.status_code == 202, dry.text
    drain()
    batch = batch_of(school, dry.get_json()["batch_id"])
    assert (batch["state"], batch["new"], batch["errors"]) == ("ready", 1, []), batch
    number = school.post("/roster/students", {"students": [sent]}).get_json()["batch_id"]
    drain()
    assert batch_of(school, number)["state"] == "committed"
    assert school.post(f"/roster/batches/{number}/commit").status_code == 200
    query = f"q=(filters:!((col:exam_number,opr:eq,value:'{sent['考生号']}')))"
    found = school.get(f"/graduates/?{query}").get_json()["result"]
    assert [row["name"] for row in found] == ["陆知远"]
    again = school.post("/roster/students", {"students": [{**sent, "专业": "文物学"}]})
    drain()
    batch = batch_of(school, again.get_json()["batch_id"])
    assert (batch["state"], batch["changed"], batch["new"]) == ("committed", 1, 0)
    listed = school.get("/roster/batches/").get_json()
    assert listed["ids"][0] == batch["id"]
    assert listed["count"] == 3
    assert api("school10001").get("/roster/batches/").get_json()["count"] == 0


def test_wrong_students_are_told_and_nothing_is_written(api: Any, drain: Any) -> None:
    school = api("school10284")
    for students in (None, [], "x", [1], [{"姓名": True}], [{"gibtesnicht": "1"}]):
        answer = school.post("/roster/students", {"students": students})
        assert answer.status_code == 422, students
    assert school.post("/roster/students", {"students": [student()], "dry_run": "yes"}).status_code == 422
    wrong = student(身份证号="110101200503070135", 考生号="")
    number = school.post("/roster/students", {"students": [wrong]}).get_json()["batch_id"]
    drain()
    batch = batch_of(school, number)
    assert batch["state"] == "refused"
    assert {one["column"] for one in batch["errors"]} >= {"身份证号", "考生号"}
    assert api("province11").post("/roster/students", {"students": [wrong]}).status_code == 403


def test_units_find_invitations_by_their_own_reference(fresh_database: str, api: Any, actor_of: Any) -> None:
    unit = api("employer1")
    body = {"graduate_ids": [actor_of("graduate1").graduate_id], **letter(), "external_id": "HR-2027-001"}
    case = unit.post("/online_signing/", body).get_json()["result"]["created"][0]
    assert case["external_id"] == "HR-2027-001"
    query = "q=(filters:!((col:external_id,opr:eq,value:HR-2027-001)))"
    assert unit.get(f"/online_signing/?{query}").get_json()["ids"] == [case["id"]]
    assert api("employer2").get(f"/online_signing/?{query}").get_json()["ids"] == []
    event = unit.get("/events").get_json()["result"][-1]
    assert event["data"]["external_id"] == "HR-2027-001"
    long = {**body, "graduate_ids": [actor_of("graduate2").graduate_id], "external_id": "x" * 65}
    assert list(unit.post("/online_signing/", long).get_json()["errors"]) == ["external_id"]


def test_graduates_with_their_destinations(fresh_database: str, api: Any, app: Flask) -> None:
    with app.app_context():
        stage = Stage("employer1", "graduate1", "dept10001a", "school10001")
        case = stage.bring("signed")
        graduate, case_id = stage.graduate.graduate_id, case.id
    school = api("school10001")
    rows = {row["id"]: row for row in school.get("/graduates/?expand=destination").get_json()["result"]}
    told = rows[graduate]["destination"]
    assert (told["code"], told["workflow"], told["case_id"]) == ("10", "online_signing", case_id)
    assert told["employer"]
    assert told["uscc"]
    assert [row["destination"] for key, row in rows.items() if key != graduate] == [None] * (len(rows) - 1)
    assert "destination" not in school.get("/graduates/").get_json()["result"][0]
    assert school.get("/graduates/?expand=nothing").status_code == 400
