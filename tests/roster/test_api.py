"""The roster over the API: upload, check, commit, undo, remove, restore."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from app.roster.imports import columns
from app.roster.imports.columns import HEADINGS
from tests.fixtures.standin import Standin
from tests.roster.sheets import sheet, student

Log = Callable[..., Any]


def send(api: Any, content: bytes, **options: Any) -> Any:
    return api.post("/roster/import", data={"file": (io.BytesIO(content), "名单.xlsx")}, **options)


@pytest.fixture
def upload(api: Log, drain: Callable[..., int], ems: Standin) -> Callable[..., dict[str, Any]]:
    """A function: upload as school10284, let the worker check, return the batch as the API tells it."""

    def run(content: bytes, username: str = "school10284") -> dict[str, Any]:
        answer = send(api(username), content)
        assert answer.status_code == 202, answer.text
        drain(failures=True)
        batch = answer.get_json()["batch_id"]
        return dict(api(username).get(f"/roster/batches/{batch}").get_json()["result"])

    return run


def test_the_whole_way(api: Log, upload: Callable[..., dict[str, Any]], drain: Callable[..., int]) -> None:
    school, row = api("school10284"), student()
    batch = upload(sheet(row, student()))
    assert (batch["state"], batch["new"], batch["changed"], batch["errors"]) == ("ready", 2, 0, [])
    answer = school.post(f"/roster/batches/{batch['id']}/commit")
    assert answer.status_code == 200
    assert answer.get_json()["result"]["state"] == "committed"
    query = f"(filters:!((col:exam_number,opr:eq,value:'{row['考生号']}')))"
    (found,) = school.get(f"/graduates/?q={query}").get_json()["result"]
    assert (found["name"], found["department"]) == (row["姓名"], row["院系"])
    drain(failures=True)
    assert school.post(f"/roster/batches/{batch['id']}/commit").status_code == 409
    changed = upload(sheet({**row, "专业": "哲学"}))
    assert (changed["state"], changed["new"], changed["changed"]) == ("ready", 0, 1)
    (change,) = changed["changes"]
    assert (change["row"], change["exam_number"]) == (2, row["考生号"])
    assert change["differences"] == [{"column": "专业", "field": "major", "before": "考古学", "after": "哲学"}]
    undone = school.post(f"/roster/batches/{batch['id']}/undo")
    assert undone.get_json()["result"]["state"] == "undone"
    assert school.get(f"/graduates/?q={query}").get_json()["count"] == 0


def test_refused_batch_names_row_column_and_reason(upload: Callable[..., dict[str, Any]], api: Log) -> None:
    batch = upload(sheet(student(), student(培养方式="4")))
    assert batch["state"] == "refused"
    assert batch["errors"] == [{"row": 3, "column": "培养方式", "message": "请选择 41/42。"}]
    answer = api("school10284").post(f"/roster/batches/{batch['id']}/commit")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong_state")


def test_template_has_the_headings_of_the_interface(api: Log) -> None:
    answer = api("school10284").get("/roster/template")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.get_sheet_by_index(0).to_python()[0] == list(HEADINGS)
    assert len(book.sheet_names) == 3


def test_remove_and_restore(api: Log) -> None:
    school = api("school10002")
    graduate = api("graduate7").get("/me").get_json()["graduate_id"]
    removed = school.delete(f"/roster/{graduate}")
    assert removed.status_code == 200
    assert removed.get_json()["result"]["invalid_since"]
    assert school.delete(f"/roster/{graduate}").get_json()["code"] == "already_removed"
    listed = school.get("/graduates/?invalid=true&q=(page_size:200)").get_json()["ids"]
    assert graduate in listed
    restored = school.post(f"/roster/{graduate}/restore")
    assert (restored.status_code, restored.get_json()["result"]["invalid_since"]) == (200, None)
    assert school.post(f"/roster/{graduate}/restore").status_code == 409


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"no zip", 415, "not_xlsx"),
        (b"PK" + bytes(columns.MOST_BYTES), 413, "too_large"),
        (b"PK" + bytes(columns.MOST_BYTES + 2 * 1024 * 1024), 413, "too_large"),
    ],
)
def test_what_is_no_sheet_is_refused_at_once(api: Log, content: bytes, status: int, code: str) -> None:
    answer = send(api("school10284"), content)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_upload_without_a_file(api: Log) -> None:
    school = api("school10284")
    answer = school.post("/roster/import", data={"other": "x"}, content_type="multipart/form-data")
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["file"])
    assert school.post("/roster/import", {"file": "x"}).status_code == 415


def test_same_key_and_sheet_give_the_same_batch(api: Log) -> None:
    school, content = api("school10284"), sheet(student())
    key = {"Idempotency-Key": "import-1"}
    first, second = send(school, content, headers=key), send(school, content, headers=key)
    assert first.get_json() == second.get_json()
    other = send(school, sheet(student()), headers=key)
    assert (other.status_code, other.get_json()["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize("username", ["operator", "province32", "dept10001a", "employer1", "graduate1"])
def test_other_kinds_of_account_are_refused(api: Log, username: str) -> None:
    caller = api(username)
    assert send(caller, sheet(student())).status_code == 403
    assert caller.get("/roster/template").status_code == 403


@pytest.mark.parametrize("username", ["school10001", "province11", "dept10001a", "employer1", "graduate1"])
def test_batch_of_others_is_not_found_by_any_address(api: Log, username: str) -> None:
    batch = send(api("school10284"), sheet(student())).get_json()["batch_id"]
    caller = api(username)
    assert caller.get(f"/roster/batches/{batch}").status_code == 404
    assert caller.post(f"/roster/batches/{batch}/commit").status_code == 404
    assert caller.post(f"/roster/batches/{batch}/undo").status_code == 404


@pytest.mark.parametrize(("username", "status"), [("province32", 403), ("operator", 403), ("school10001", 404)])
def test_reader_of_the_batch_may_still_lack_the_right(api: Log, username: str, status: int) -> None:
    batch = send(api("school10284"), sheet(student())).get_json()["batch_id"]
    assert api(username).get(f"/roster/batches/{batch}").status_code == status
    assert api(username).post(f"/roster/batches/{batch}/commit").status_code == status


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "987654321"])
def test_batch_that_is_not_there(api: Log, number: str) -> None:
    assert api("school10284").get(f"/roster/batches/{number}").status_code == 404
