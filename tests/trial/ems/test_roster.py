"""The stand-in's roster: write, change, remove, restore, page through changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.fixtures.standin import Standin

Build = Callable[..., dict[str, Any]]
EXAM = "27110001000001"


def put(standin: Standin, school: str, student: dict[str, Any]) -> httpx.Response:
    """Upload one student of the cohort 2027."""
    return standin.http.put(f"/students/{school}/2027/{student['exam_number']}", json=student)


def changes(standin: Standin, school: str, since: int = 0, limit: int = 1000) -> dict[str, Any]:
    """One page of the changes."""
    answer = standin.http.get(
        f"/schools/{school}/cohorts/2027/students", params={"updated_since": since, "limit": limit}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_student_that_was_put_is_read_back(standin: Standin, school: str, student_of: Build) -> None:
    told = student_of()
    assert put(standin, school, told).status_code == 200
    answer = standin.http.get(f"/students/{school}/2027/{EXAM}").json()
    assert {**told, **answer["student"]} == answer["student"]
    assert answer["student"]["removed"] is False
    assert answer["destination"] is None


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic abc"])
def test_without_the_token_nothing_is_told(standin: Standin, school: str, token: str) -> None:
    answer = httpx.get(f"{standin.url}/api/v1/rosters", headers={"Authorization": token})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"


def test_an_unknown_student_is_404(standin: Standin, school: str) -> None:
    for address in (f"{school}/2027/27110001999999", f"{school}/1/x", "no such/2027/1", f"{school}/2027/%00"):
        answer = standin.http.get(f"/students/{address}")
        assert answer.status_code == 404
        assert set(answer.json()) == {"message", "code", "errors"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "长" * 200_000),
        ("name", 7),
        ("name", "a\x00b"),
        ("name", "\ud800"),
        ("training_mode", "2"),
        ("training_mode", "4"),
        ("graduated_on", "2027-02-30"),
        ("nonsense", "x"),
    ],
)
def test_wrong_fields_are_refused_at_the_field(
    standin: Standin, school: str, student_of: Build, field: str, value: Any
) -> None:
    import json

    body = json.dumps(student_of(**{field: value}))
    headers = {"Content-Type": "application/json"}
    answer = standin.http.put(f"/students/{school}/2027/{EXAM}", content=body, headers=headers)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert standin.http.get(f"/students/{school}/2027/{EXAM}").status_code == 404


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '"x"'])
def test_what_is_no_object_is_malformed(standin: Standin, school: str, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = standin.http.put(f"/students/{school}/2027/{EXAM}", content=body, headers=headers)
    assert answer.status_code == 400


def test_a_removed_student_keeps_the_row_and_can_be_restored(standin: Standin, school: str, student_of: Build) -> None:
    put(standin, school, student_of())
    address = f"/students/{school}/2027/{EXAM}"
    for _again in range(2):
        assert standin.http.delete(address).json()["student"]["removed"] is True
    assert standin.http.get(address).json()["student"]["name"] == "林知远"
    assert standin.http.patch(address, json={"name": "林知行"}).status_code == 409
    for _again in range(2):
        assert standin.http.post(f"{address}/restore").json()["student"]["removed"] is False


def test_uploading_a_removed_student_again_brings_it_back(standin: Standin, school: str, student_of: Build) -> None:
    put(standin, school, student_of())
    standin.http.delete(f"/students/{school}/2027/{EXAM}")
    assert put(standin, school, student_of()).json()["student"]["removed"] is False


def test_a_batch_is_written_whole_or_not_at_all(standin: Standin, school: str, student_of: Build) -> None:
    rows = [student_of(f"271100010{n:05d}") for n in range(1000)]
    address = f"/schools/{school}/cohorts/2027/students"
    assert standin.http.put(address, json={"students": rows}).json() == {
        "new": 1000,
        "changed": 0,
        "unchanged": 0,
    }
    rows[3] = {**rows[3], "name": "周予安"}
    assert standin.http.put(address, json={"students": rows}).json() == {
        "new": 0,
        "changed": 1,
        "unchanged": 999,
    }
    bad = [student_of("27110001999999"), {**rows[4], "sex": ""}]
    answer = standin.http.put(address, json={"students": bad})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [f"2:{rows[4]['exam_number']}"]
    assert standin.http.get(f"/students/{school}/2027/27110001999999").status_code == 404
    assert standin.http.put(address, json={"students": [rows[0], rows[0]]}).status_code == 422
    assert standin.http.put(address, json={"students": [*rows, student_of("1")]}).status_code == 413


def test_the_cursor_tells_each_change_once(standin: Standin, school: str, student_of: Build) -> None:
    for number in range(5):
        put(standin, school, student_of(f"2711000100000{number}"))
    first = changes(standin, school, limit=3)
    assert len(first["students"]) == 3
    assert first["more"]
    second = changes(standin, school, first["cursor"], limit=3)
    assert len(second["students"]) == 2
    assert not second["more"]
    put(standin, school, student_of("27110001000000"))
    assert changes(standin, school, second["cursor"])["students"] == [], "an unchanged row is no change"
    standin.http.delete(f"/students/{school}/2027/27110001000001")
    third = changes(standin, school, second["cursor"])
    assert [(row["exam_number"], row["removed"]) for row in third["students"]] == [("27110001000001", True)]


def test_no_change_is_skipped_while_many_write(standin: Standin, school: str, student_of: Build) -> None:
    def write(number: int) -> int:
        return put(standin, school, student_of(f"271100011{number:05d}")).status_code

    seen: list[str] = []
    cursor = 0
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(write, number) for number in range(120)]
        while True:
            finished = all(task.done() for task in done)
            page = changes(standin, school, cursor)
            seen += [row["exam_number"] for row in page["students"]]
            cursor = page["cursor"]
            if finished and not page["students"]:
                break
    assert {task.result() for task in done} == {200}
    assert len(seen) == 120
    assert len(set(seen)) == 120


def test_bulk_removal_is_refused_once_signing_is_open(standin: Standin, school: str, student_of: Build) -> None:
    put(standin, school, student_of())
    put(standin, school, student_of("27110001000002"))
    address = f"/schools/{school}/cohorts/2027"
    removed = standin.http.post(f"{address}/students/remove", json={"exam_numbers": ["27110001000002", "999"]})
    assert removed.json() == {"removed": 1}
    assert standin.http.put(f"{address}/switch", json={"open": True, "sequence": 5}).json()["applied"] is True
    late = standin.http.put(f"{address}/switch", json={"open": False, "sequence": 4}).json()
    assert late == {"open": True, "applied": False}
    answer = standin.http.post(f"{address}/students/remove", json={"exam_numbers": [EXAM]})
    assert answer.status_code == 409
    assert answer.json()["code"] == "switch_open"
    assert standin.http.get(f"/students/{school}/2027/{EXAM}").json()["student"]["removed"] is False
    assert standin.http.delete(f"/students/{school}/2027/{EXAM}").status_code == 200, "one by one still goes"


def test_rosters_are_listed_with_name_and_cursor(standin: Standin, school: str, student_of: Build) -> None:
    put(standin, school, student_of())
    standin.http.put(f"/schools/{school}", json={"name": "示例大学"})
    mine = [row for row in standin.http.get("/rosters").json()["rosters"] if row["school"] == school]
    assert mine == [
        {
            "school": school,
            "name": "示例大学",
            "cohort": 2027,
            "cursor": 1,
            "edits": 0,
            "students": 1,
            "removed": 0,
            "switch_open": False,
        }
    ]
