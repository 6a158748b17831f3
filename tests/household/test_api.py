"""The API of archive and hukou: round trips, odd bodies, scope through every door, bulk and export."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.fab.search import SealedContains
from tests.household.stage import REJECT, RETURN, body

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own records."""


def _new(api: Api, kind: str, who: str = "graduate1", **changes: Any) -> int:
    answer = api(who).post(f"/{kind}/", {**body(kind), **changes})
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def test_round_trip(api: Api, kind: str) -> None:
    """Draft, edit, submit, department, school; what was sent is what is read."""
    graduate = api("graduate1")
    created = graduate.post(f"/{kind}/", {**body(kind), "submit": False})
    assert created.status_code == 201
    case = created.get_json()["result"]
    assert (case["state"], case["label"], case["workflow"]) == ("draft", "草稿，尚未提交", kind)
    assert case["data"] == body(kind)
    assert case["events"] == ["submit"]
    assert (case["employer"], case["number"], case["attachments"]) == (None, None, [])
    path = f"/{kind}/{case['id']}"
    changed = graduate.put(path, body(kind, "9", address="体育场路 1 号"))
    assert changed.get_json()["result"]["data"]["address"] == "体育场路 1 号"
    assert graduate.post(f"{path}/submit").get_json()["result"]["state"] == "dept_review"
    returned = api("dept10001a").post(f"{path}/return", RETURN)
    assert returned.get_json()["result"]["state"] == "returned"
    assert graduate.put(path, body(kind)).status_code == 200
    assert graduate.post(f"{path}/submit").get_json()["result"]["state"] == "dept_review"
    assert api("dept10001a").post(f"{path}/approve").get_json()["result"]["state"] == "school_review"
    done = api("school10001").post(f"{path}/approve", {"note": "已核对"}).get_json()["result"]
    assert (done["state"], done["events"]) == ("approved", [])
    assert [step["event"] for step in done["history"]] == [
        *("create", "submit", "return", "submit", "approve", "approve"),
    ]
    change = _new(api, kind, transfer_type="9")
    assert graduate.get(path).get_json()["result"]["state"] == "approved"
    for who in ("dept10001a", "school10001"):
        assert api(who).post(f"/{kind}/{change}/approve").status_code == 200
    assert graduate.get(path).get_json()["result"]["state"] == "replaced"


def test_hukou_not_at_school(api: Api) -> None:
    """Approved at once, with nothing but the type."""
    answer = api("graduate1").post("/hukou/", {"transfer_type": "0"})
    assert answer.status_code == 201
    assert answer.get_json()["result"]["state"] == "approved"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("[]", 400),
        ("{", 400),
        ('{"transfer_type": ["3"]}', 422),
        ('{"transfer_type": 3}', 422),
        ('{"transfer_type": "77"}', 422),
        ('{"transfer_type": null}', 422),
        ("{}", 422),
        ('{"transfer_type": "3", "region": "000000"}', 422),
        ('{"transfer_type": "3", "address": {"a": 1}}', 422),
        ('{"transfer_type": "3", "submit": "no"}', 422),
        ('{"transfer_type": "\\u0000"}', 400),
    ],
)
def test_odd_bodies(client: FlaskClient, api: Api, kind: str, sent: str, status: int) -> None:
    """Never a 500; nothing is left behind."""
    graduate = api("graduate1")
    answer = graduate.client.post(
        f"/api/v1/{kind}/", data=sent, content_type="application/json", headers=graduate.headers
    )
    assert answer.status_code == status, answer.text
    assert set(answer.get_json()) >= {"message", "code", "errors"}
    assert graduate.get(f"/{kind}/").get_json()["count"] == 0
    assert client.post(f"/api/v1/{kind}/", json={}).status_code == 401


def test_scope_and_roles_through_every_door(api: Api, kind: str) -> None:
    """Others of another place find nothing; those above read; only the two reviewers decide (R1.7, R2.4)."""
    case = _new(api, kind)
    path = f"/{kind}/{case}"
    for who in ("graduate2", "school10002", "province32", "employer1", "dept10001b"):
        assert api(who).get(path).status_code == 404, who
        assert api(who).post(f"{path}/approve").status_code == 404, who
        assert api(who).put(path, body(kind)).status_code == 404, who
    for who in ("operator", "province11", "school10001", "dept10001a", "graduate1"):
        assert api(who).get(path).status_code == 200, who
    for who in ("operator", "province11", "graduate1"):
        assert api(who).post(f"{path}/approve").status_code == 403, who
    for who in ("operator", "province11", "school10001", "dept10001a", "employer1"):
        assert api(who).post(f"/{kind}/", body(kind)).status_code == 403, who
    assert api("school10001").post(f"{path}/approve").status_code == 409
    assert api("dept10001a").post(f"{path}/reject", {}).status_code == 422
    assert api("dept10001a").post(f"{path}/nonsense").status_code == 404
    assert api("dept10001a").post(f"{path}/replace").status_code == 403
    assert api("dept10001a").post(f"{path}/ems_change", {"record": {}}).status_code == 403
    assert api("province32").get(f"/{kind}/").get_json()["count"] == 0


def test_bulk_and_list(api: Api, kind: str) -> None:
    """Each of many is judged on its own; the list is searched by what the records hold."""
    ids = [_new(api, kind, who, transfer_type=code) for who, code in (("graduate1", "3"), ("graduate2", "9"))]
    department = api("dept10001a")
    assert department.post(f"/{kind}/{ids[0]}/approve").status_code == 200
    outcome = department.post(f"/{kind}/bulk/reject", {"ids": ids, **REJECT}).get_json()["result"]
    assert [(one["id"], one["ok"]) for one in outcome] == [(ids[0], False), (ids[1], True)]
    found = api("school10001").get(f"/{kind}/?q=(filters:!((col:transfer_type,opr:eq,value:'9')))").get_json()
    assert found["ids"] == [ids[1]]
    found = api("school10001").get(f"/{kind}/?q=(filters:!((col:address,opr:ct,value:'文三路')))").get_json()
    assert found["count"] == 2
    found = api("school10001").get(f"/{kind}/?address=文三路&transfer_type=9").get_json()
    assert found["ids"] == [ids[1]]
    assert api("school10001").get(f"/{kind}/?address=文四路").get_json()["count"] == 0


def test_addresses_of_too_many_records_are_not_opened(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read last: what the other filters leave is what counts."""
    ids = [_new(api, "hukou", who, transfer_type=code) for who, code in (("graduate1", "3"), ("graduate2", "9"))]
    monkeypatch.setattr(SealedContains, "most", 1)
    school = api("school10001")
    assert school.get("/hukou/?address=文三路").status_code == 400
    assert school.get("/hukou/?address=文三路&transfer_type=9").get_json()["ids"] == ids[1:]


def test_export_has_the_columns_of_the_guide(api: Api, kind: str) -> None:
    """The columns of the list; the state follows."""
    _new(api, kind)
    answer = api("province11").get(f"/{kind}/export")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    first = {"archive": "档案转寄", "hukou": "户口迁转"}[kind]
    assert rows[0][0] == "考生号"
    assert rows[0][7:10] == ["生源所在地", "身份证号", f"{first}类型"]
    assert f"{first}地址" in rows[0]
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row[f"{first}类型"] == "托管单位接收"
    assert row[f"{first}地址"] == "浙江省 杭州市 西湖区 文三路 9 号 201 室"
    assert "********" in row["身份证号"]


def test_repeated_creation_with_a_key(api: Api, kind: str) -> None:
    """The same key gives the same answer and no second record."""
    graduate = api("graduate1")
    answers = [graduate.post(f"/{kind}/", body(kind), headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json()["id"] == answers[1].get_json()["id"]
    assert graduate.post(f"/{kind}/", body(kind)).status_code == 409
