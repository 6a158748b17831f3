"""What stands beside the cases: me, graduates, notifications, dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.access.accounts import create_account, hash_password
from app.access.actors import SYSTEM
from app.base.database import session
from app.roster.models import Graduate
from app.schools.queries import school_by_code
from tests.fixtures.application import Api as Caller
from tests.signing.stage import invite, user
from trial.demo import country

Api = Callable[..., Any]
NOTHING = {"employment": "none", "archive": "none", "hukou": "none"}


@pytest.mark.parametrize(
    ("account", "role", "scope"),
    [
        ("operator", "operator", {}),
        ("province11", "province", {"province": "11"}),
        ("school10002", "school", {"province": "11", "school": "10002"}),
        ("dept10001a", "department", {"province": "11", "school": "10001", "department": None}),
        ("employer1", "employer", {}),
        ("graduate7", "graduate", {}),
    ],
)
def test_me_says_who_and_where(api: Api, account: str, role: str, scope: dict[str, str | None]) -> None:
    answer = api(account).get("/me")
    assert answer.status_code == 200
    me = answer.get_json()
    assert {"username", "role", "level", "scope", "modules", "graduate_id", "employer_id"} <= set(me)
    assert (me["username"], me["role"]) == (account, role)
    assert {name: place["code"] for name, place in me["scope"].items()} == scope
    assert all(place["name"] and place["id"] for place in me["scope"].values())
    assert (me["employer_id"] is not None) == (role == "employer")
    assert (me["graduate_id"] is not None) == (role == "graduate")
    if role in ("province", "school", "department"):
        assert me["modules"] == {"employment": "rw", "archive": "rw", "hukou": "rw"}


def test_graduate_confirms_before_anything_else(app_context: Flask, api: Api) -> None:
    graduate = user("graduate7")
    case = invite(user("employer1"), graduate)
    session.execute(update(Graduate).where(Graduate.id == graduate.graduate_id).values(confirmed_at=None))
    session.commit()
    caller = api("graduate7")
    refused = caller.post(f"/online_signing/{case.id}/accept")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_confirmed")
    assert caller.get(f"/online_signing/{case.id}").get_json()["result"]["events"] == []
    for _again in range(2):
        answer = caller.post("/me/confirm")
        assert answer.status_code == 200
        assert answer.get_json()["id"] == graduate.graduate_id
    assert caller.post(f"/online_signing/{case.id}/accept").status_code == 200
    assert caller.post(f"/online_signing/{case.id}/abort").status_code == 200


@pytest.mark.parametrize("account", ["operator", "province11", "school10002", "dept10001a", "employer1"])
def test_only_graduates_confirm(api: Api, account: str) -> None:
    assert api(account).post("/me/confirm").status_code == 403


def test_removed_graduate_logs_in_and_reads(api: Api) -> None:
    """R4.8: a removed graduate may still log in and read."""
    caller = api("graduate20")
    assert caller.get("/me").status_code == 200
    assert caller.get("/online_signing/").get_json() == {"count": 0, "ids": [], "result": []}


FLAT = {
    *("id", "exam_number", "student_number", "name", "id_number", "sex", "ethnicity", "political_status"),
    *("school", "department", "major", "education", "duration", "training_mode", "level", "cohort"),
    *("graduated_on", "invalid_since"),
}


def test_graduates_are_flat_rows_of_my_scope(api: Api) -> None:
    counts = {
        name: api(name).get("/graduates/?q=(page_size:100)").get_json()["count"]
        for name in ("operator", "province11", "province32", "school10001", "school10002", "dept10001a")
    }
    on_roster = [one for one in country.GRADUATES if not one.removed]
    of = lambda *schools: sum(1 for one in on_roster if one.school in schools)  # noqa: E731
    assert counts == {
        "operator": len(on_roster),
        "province11": of("10001", "10002"),
        "province32": of("10284"),
        "school10001": of("10001"),
        "school10002": of("10002"),
        "dept10001a": 3,
    }
    row = api("dept10001a").get("/graduates/?q=(order_column:id,order_direction:asc)").get_json()["result"][0]
    assert set(row) >= FLAT
    assert row["department"] == "信息科学技术学院"
    assert "*" in row["id_number"]
    assert row["mobile"] == "154****0303"


def test_school_cannot_enter_what_its_province_has_not_opened(api: Api) -> None:
    """R2.2: said so, not shown as an empty list."""
    refused = api("school10558").get("/graduates/")
    assert refused.status_code == 403
    assert "省" in refused.get_json()["message"]


def test_removed_graduates_are_listed_apart(api: Api) -> None:
    here = api("school10002").get("/graduates/").get_json()
    gone = api("school10002").get("/graduates/?invalid=true").get_json()
    assert [row["name"] for row in gone["result"]] == ["张云轩"]
    assert gone["result"][0]["invalid_since"]
    assert not set(here["ids"]) & set(gone["ids"])
    assert api("school10001").get("/graduates/?invalid=true").get_json()["count"] == 0


def test_graduate_is_shown_beside_the_employment_systems_copy(api: Api, ems: Any, drain: Any) -> None:
    drain()
    key = api("school10002").get("/graduates/").get_json()["ids"][0]
    answer = api("school10002").get(f"/graduates/{key}")
    assert answer.status_code == 200
    one = answer.get_json()["result"]
    assert answer.get_json()["id"] == one["id"] == key
    assert one["ems"]["student"]["name"] == one["name"]
    assert one["ems"]["destination"] is None
    assert (one["differences"], one["invalid_since"]) == ([], None)


def test_graduate_is_shown_while_the_employment_system_is_down(api: Api, ems: Any) -> None:
    key = api("school10002").get("/graduates/").get_json()["ids"][0]
    ems.fault("500")
    one = api("school10002").get(f"/graduates/{key}").get_json()["result"]
    assert one["ems"] is None
    assert one["ems_available"] is False


@pytest.mark.parametrize(
    ("account", "status"),
    [
        ("operator", 200),
        ("province11", 200),
        ("school10001", 200),
        ("dept10001a", 200),
        ("dept10001b", 404),
        ("school10002", 404),
        ("province32", 404),
        ("employer1", 404),
        ("graduate1", 403),
        ("graduate2", 404),
    ],
)
def test_graduate_outside_the_scope_is_not_there(
    api: Api, actor_of: Callable[[str], Any], ems: Any, account: str, status: int
) -> None:
    assert api(account).get(f"/graduates/{actor_of('graduate1').graduate_id}").status_code == status


@pytest.mark.parametrize("account", ["employer1", "graduate1"])
def test_list_of_graduates_is_for_staff(api: Api, account: str) -> None:
    assert api(account).get("/graduates/").status_code == 403


@pytest.fixture(scope="module")
def special(application: Flask, database: str) -> dict[str, Caller]:
    """School accounts of 10001 as R1.4 and R1.5 know them: without the module, reading only, postgraduates only."""
    with application.app_context():
        school = school_by_code("10001")
        assert school is not None
        for name, level, modules in (
            ("nothing", "all", NOTHING),
            ("reader", "all", {**NOTHING, "employment": "ro"}),
            ("postgraduates", "postgraduate", {**NOTHING, "employment": "rw"}),
        ):
            create_account(
                username=name,
                name=name,
                kind="school",
                password_hash=hash_password(country.PASSWORD),
                actor=SYSTEM,
                modules=modules,
                level=level,
                school_id=school.id,
                province_id=school.province_id,
            )
        session.commit()
        session.remove()
    return {
        name: Caller(application.test_client(), name, country.PASSWORD)
        for name in ("nothing", "reader", "postgraduates")
    }


def test_account_without_the_module_cannot_enter(app_context: Flask, special: dict[str, Caller]) -> None:
    case = invite(user("employer1"), user("graduate1"))
    caller = special["nothing"]
    for path in ("/online_signing/", f"/online_signing/{case.id}", "/online_signing/export", "/graduates/"):
        assert caller.get(path).status_code == 403
    for event in ("approve", "void"):
        assert caller.post(f"/online_signing/{case.id}/{event}", {"reason": "x"}).status_code == 403
        assert caller.post(f"/online_signing/bulk/{event}", {"ids": [case.id]}).status_code == 403


def test_account_that_only_reads_sees_and_downloads(app_context: Flask, special: dict[str, Caller]) -> None:
    case = invite(user("employer1"), user("graduate2"))
    caller = special["reader"]
    assert caller.get(f"/online_signing/{case.id}").get_json()["result"]["events"] == []
    export = caller.get("/online_signing/export")
    assert export.status_code == 200
    export.close()
    for event in ("approve", "reject", "void", "edit_category"):
        assert caller.post(f"/online_signing/{case.id}/{event}", {}).status_code == 403


def test_account_of_one_level_sees_that_level_alone(special: dict[str, Caller]) -> None:
    caller = special["postgraduates"]
    listed = caller.get("/graduates/").get_json()["result"]
    assert {row["level"] for row in listed} == {"postgraduate"}
    assert {row["name"] for row in listed} == {"任若禾", "熊天瑞"}
    assert caller.get("/online_signing/").get_json()["count"] == 0


def test_notifications_are_my_own(app_context: Flask, api: Api, drain: Any) -> None:
    case = invite(user("employer1"), user("graduate8"))
    drain()
    mine = api("graduate8").get("/notifications/").get_json()
    notice = next(one for one in mine["result"] if one["case_id"] == case.id)
    assert {"id", "event", "text", "channels", "workflow", "case_id", "read_at"} <= set(notice)
    assert (notice["event"], notice["workflow"], notice["read_at"]) == ("invite", "online_signing", None)
    assert {"site", "wechat"} <= {channel["channel"] for channel in notice["channels"]}
    assert {channel["status"] for channel in notice["channels"]} <= {"queued", "sent", "failed"}
    for other in ("graduate7", "employer1", "operator"):
        assert notice["id"] not in api(other).get("/notifications/").get_json()["ids"]
        assert api(other).post(f"/notifications/{notice['id']}/read").status_code == 404
    read = api("graduate8").post(f"/notifications/{notice['id']}/read")
    assert read.status_code == 200
    assert read.get_json()["result"]["read_at"]


@pytest.mark.parametrize(
    "name", ["job_category", "withdraw_reason", "reject_reason", "region", "employer_nature", "education_level"]
)
def test_dictionaries_give_code_and_label_to_everybody(api: Api, name: str) -> None:
    for account in ("employer1", "graduate7", "dept10001a"):
        rows = api(account).get(f"/dictionaries/{name}").get_json()["result"]
        assert rows
        assert all(isinstance(row["code"], str) and row["label"] for row in rows)


def test_unknown_dictionary_is_not_there(api: Api) -> None:
    assert api("employer1").get("/dictionaries/no_such_table").status_code == 404


def test_strangers_get_nothing(client: FlaskClient) -> None:
    for path in ("me", "graduates/", "graduates/1", "favorites/", "notifications/", "dictionaries/region"):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
