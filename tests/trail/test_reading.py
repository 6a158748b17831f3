"""Whoever reads or downloads what is about a person leaves one line, whatever the door; the person can see it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.access import looks
from app.access.audit import AuditLine
from app.base.database import session
from app.trail import heads
from tests.employers.test_favorites_import import sheet
from tests.fixtures.application import PASSWORD
from tests.fixtures.outbox import run_jobs
from tests.fixtures.pages import token
from trial.demo.country import GRADUATES

Api = Callable[..., Any]
Invite = Callable[..., list[int]]


@pytest.fixture(autouse=True)
def _database(app_context: Flask) -> None:
    """What was written is looked up here."""


def _last() -> int:
    session.rollback()
    return session.scalar(select(func.max(AuditLine.id))) or 0


def _since(last: int, *actions: str) -> list[AuditLine]:
    session.rollback()
    wanted = actions or (looks.READ, looks.READ_LIST, looks.DOWNLOAD)
    query = select(AuditLine).where(AuditLine.id > last, AuditLine.action.in_(wanted)).order_by(AuditLine.id)
    return list(session.scalars(query))


def _graduate(exam_name: str) -> int:
    query = text(
        "SELECT g.id FROM graduates g JOIN accounts a ON a.person = g.id_number_index JOIN ab_user u ON u.id = a.user_id"
        " WHERE u.username = :name ORDER BY g.cohort DESC LIMIT 1"
    )
    return int(session.execute(query, {"name": exam_name}).scalar_one())


def _browser(client: FlaskClient, username: str, door: str = "school") -> FlaskClient:
    form = {"username": username, "password": PASSWORD}
    client.post(f"/login/{door}", data={**form, "csrf_token": token(client.get(f"/login/{door}").text)})
    return client


def test_a_record_that_the_api_shows_leaves_one_line(api: Api, invite: Invite) -> None:
    """With place and graduate; a unit's look as well as the school's, the graduate's own not."""
    (case_id,) = invite("graduate1")
    readers = [api(name) for name in ("employer1", "school10001", "operator", "graduate1")]
    last = _last()
    for reader in readers:
        assert reader.get(f"/online_signing/{case_id}").status_code == 200
    lines = _since(last)
    assert [line.actor for line in lines] == ["employer1", "school10001", "operator"]
    assert {(line.action, line.subject) for line in lines} == {("read", f"online_signing {case_id}")}
    assert {line.graduate_id for line in lines} == {_graduate("graduate1")}
    assert all(line.school_id and line.province_id for line in lines)


def test_what_is_refused_leaves_no_line(api: Api, invite: Invite) -> None:
    (case_id,) = invite("graduate13")
    last, stranger = _last(), api("employer2")
    assert stranger.get(f"/online_signing/{case_id}").status_code == 404
    assert _since(last) == []


def test_a_list_leaves_one_line_with_its_query(api: Api) -> None:
    """However many rows it has; an ID number that was searched for stands there masked."""
    school, last = api("school10001"), _last()
    query = "(filters:!((col:exam_number,opr:eq,value:'110101200001011234')))"
    assert school.get("/graduates/", query_string={"q": query}).status_code == 200
    (line,) = _since(last)
    assert (line.action, line.subject, line.actor) == ("read_list", "graduates", "school10001")
    assert "filters" in line.detail["query"]
    assert "110101200001011234" not in line.detail["query"]
    last = _last()
    assert school.get("/graduates/export", query_string={"q": query}).status_code == 200
    told = [line.detail for line in _since(last, "export")]
    assert len(told) == 1
    assert "110101200001011234" not in str(told)


def test_pages_of_staff_leave_the_same_lines(client: FlaskClient, invite: Invite) -> None:
    (case_id,) = invite("graduate8")
    browser, number = _browser(client, "school10002"), _graduate("graduate8")
    last = _last()
    assert browser.get("/staff/graduates/list/").status_code == 200
    assert browser.get(f"/staff/graduates/show/{number}").status_code == 200
    assert browser.get(f"/staff/online-signings/show/{case_id}").status_code == 200
    told = [(line.action, line.subject) for line in _since(last)]
    assert ("read_list", "graduates") in told
    assert ("read", f"graduates {number}") in told
    assert ("read", f"online_signing {case_id}") in told
    assert len(told) == 3


def test_a_unit_leaves_lines_for_its_favorites_and_the_results_of_its_jobs(
    app: Flask, api: Api, client: FlaskClient
) -> None:
    browser, last = _browser(client, "employer1", "employer"), _last()
    assert browser.get("/employer/favorites").status_code == 200
    assert [(line.action, line.subject) for line in _since(last)] == [("read_list", "graduates")]
    unit = api("employer1")
    person = (GRADUATES[2].name, GRADUATES[2].id_number, "北京大学")
    started = unit.post("/favorites/import", data={"file": (io.BytesIO(sheet([person])), "list.xlsx")})
    run_jobs(app)
    number, last = started.get_json()["job_id"], _last()
    assert unit.get(f"/jobs/{number}/sheet").status_code == 200
    (line,) = _since(last, "export")
    assert (line.subject, line.actor) == (f"jobs {number}", "employer1")


def test_a_graduate_sees_who_looked(api: Api, invite: Invite) -> None:
    """By place and post or by the unit's name, never by the person's."""
    (case_id,) = invite("graduate2")
    me = api("graduate2")
    before = me.get("/me/readers").get_json()["count"]
    for name in ("employer1", "school10001", "dept10001a", "province11", "operator"):
        assert api(name).get(f"/online_signing/{case_id}").status_code == 200
    body = me.get("/me/readers").get_json()
    assert body["count"] == before + 5
    newest = body["result"][:5]
    assert [one["role"] for one in newest] == ["operator", "province", "department", "school", "employer"]
    assert set(newest[0]) == {"at", "who", "role", "what"}
    assert "北京大学" in newest[3]["who"]
    names = {name for (name,) in session.execute(text("SELECT name FROM accounts WHERE kind <> 'graduate'"))}
    assert not [one for one in newest if one["role"] != "employer" and one["who"] in names]
    assert str(case_id) in newest[0]["what"]
    assert api("school10001").get("/me/readers").status_code == 403


def test_the_trail_is_read_in_its_place(api: Api, invite: Invite) -> None:
    """Operators all, provinces and schools their own place, nobody else anything."""
    (case_id,) = invite("graduate7")  # of 10002
    assert api("school10002").get(f"/online_signing/{case_id}").status_code == 200
    query = {"q": f"(filters:!((col:subject,opr:eq,value:'online_signing {case_id}'),(col:action,opr:eq,value:read)))"}
    counts = {
        name: api(name).get("/audit/", query_string=query).get_json()["count"]
        for name in ("operator", "province11", "school10002", "province32", "school10001")
    }
    assert counts == {"operator": 1, "province11": 1, "school10002": 1, "province32": 0, "school10001": 0}
    (line,) = api("operator").get("/audit/", query_string=query).get_json()["result"]
    assert set(line) == {"at", "actor", "role", "action", "subject", "detail", "source"}
    for name in ("dept10001a", "employer1", "graduate1"):
        assert api(name).get("/audit/").status_code == 403


def test_the_trail_has_a_page(client: FlaskClient) -> None:
    browser = _browser(client, "school10001")
    page = browser.get("/staff/audit/list/")
    assert page.status_code == 200
    assert "登录" in page.text
    assert "school10001" in page.text
    assert "province32" not in page.text
    assert browser.get("/staff/audit/export").status_code == 200


def test_sealed_heads_are_open_to_everybody(client: FlaskClient, no_heads: None) -> None:
    """List, file and page, without an account; no other day, no other file."""
    assert heads.seal_day()
    body = client.get("/api/v1/chain/heads").get_json()
    (day,) = body["result"]
    file = client.get(f"/api/v1/chain/heads/{day['day']}")
    assert hashlib.sha256(file.data).hexdigest() == day["digest"]
    assert file.get_json()["signature"]
    for wrong in ("2020-01-01", "..", "x", "2026-13-01"):
        assert client.get(f"/api/v1/chain/heads/{wrong}").status_code in (404, 405)
    assert day["digest"] in client.get("/chain").text
