"""What is masked is seen in full with a reason alone, by who may; it is written down, and the person reads it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from app.access.audit import AuditLine
from app.base.database import session
from tests.notices.browser import logged_in
from trial.demo import country

pytestmark = pytest.mark.usefixtures("fresh_database")
Api = Callable[..., Any]
OWN = country.GRADUATES[0]
REASON = {"reason": "contact", "words": "约面谈"}


def _id(app_context: Flask, name: str = "graduate1") -> int:
    query = text(
        "SELECT g.id FROM graduates g JOIN accounts a ON a.person = g.id_number_index"
        " JOIN ab_user u ON u.id = a.user_id WHERE u.username = :name ORDER BY g.cohort DESC LIMIT 1"
    )
    found = session.execute(query, {"name": name}).scalar_one()
    return int(found)


def sheet_rows(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def _lines(action: str) -> list[AuditLine]:
    session.rollback()
    return list(session.scalars(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id)))


def test_a_reason_shows_it_and_the_person_reads_why(app_context: Flask, api: Api) -> None:
    number, me = _id(app_context), api("graduate1")
    before = me.get("/me/readers").get_json()["count"]
    answer = api("school10001").post(f"/graduates/{number}/reveal", REASON)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["result"]["id_number"] == OWN.id_number
    (line,) = _lines("reveal")
    assert (line.actor, line.subject, line.graduate_id) == ("school10001", f"graduates {number}", number)
    assert line.detail == {"reason": "contact", "words": "约面谈", "fields": ["id_number", "mobile"]}
    body = me.get("/me/readers").get_json()
    assert body["count"] == before + 1
    assert "北京大学" in body["result"][0]["who"]
    assert "联系本人" in body["result"][0]["what"]


def test_without_reason_place_or_permission_nothing_is_shown(app_context: Flask, api: Api) -> None:
    number = _id(app_context)
    path = f"/graduates/{number}/reveal"
    for sent in ({}, {"reason": ""}, {"reason": "other"}, {"reason": "x" * 300}):
        answer = api("school10001").post(path, sent)
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["reason"]), sent
    assert api("school10002").post(path, {}).status_code == 404
    assert api("school10002").post(path, REASON).status_code == 404
    assert api("employer1").post(path, REASON).status_code in (403, 404)
    assert api("graduate1").post(path, REASON).status_code == 403
    assert _lines("reveal") == []


@pytest.fixture
def powerless(app_context: Flask) -> None:
    """Schools may not see it: an operator has taken the permission from their role."""
    session.execute(
        text(
            "DELETE FROM ab_permission_view_role WHERE role_id = (SELECT id FROM ab_role WHERE name = 'School')"
            " AND permission_view_id IN (SELECT pv.id FROM ab_permission_view pv"
            " JOIN ab_permission p ON p.id = pv.permission_id WHERE p.name = 'can_reveal')"
        )
    )
    session.commit()


def test_the_matrix_decides_who_may(app_context: Flask, api: Api, powerless: None) -> None:
    number, school = _id(app_context), api("school10001")
    assert school.post(f"/graduates/{number}/reveal", {}).status_code == 403
    assert school.get("/graduates/export?reveal=contact").status_code == 403
    assert school.get("/graduates/export").status_code == 200
    page = logged_in(app_context, "school10001").get(f"/staff/graduates/show/{number}").text
    assert "/staff/personal/" not in page
    assert api("dept10001a").post(f"/graduates/{number}/reveal", REASON).status_code == 200


def test_the_page_shows_it_in_place(app_context: Flask) -> None:
    number, browser = _id(app_context), logged_in(app_context, "school10001")
    page = browser.get(f"/staff/graduates/show/{number}").text
    assert OWN.id_number not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = {"csrf_token": token[1], **REASON}
    place = browser.post(f"/staff/personal/{number}", data=sent, headers={"HX-Request": "true"})
    assert place.status_code == 200
    assert OWN.id_number in place.text
    assert "<html" not in place.text
    alone = browser.post(f"/staff/personal/{number}", data={**sent, "reason": "other", "words": ""})
    assert (alone.status_code, OWN.id_number in alone.text, "<html" in alone.text) == (422, False, True)
    assert len(_lines("reveal")) == 1


def test_downloads_are_masked_until_a_reason_is_given(app_context: Flask, api: Api) -> None:
    school = api("school10001")
    plain = school.get("/graduates/export?format=csv")
    assert plain.mimetype == "text/csv"
    assert plain.data.startswith(b"\xef\xbb\xbf")
    assert OWN.id_number not in plain.text
    assert _lines("reveal") == []
    whole = school.get("/graduates/export?format=csv&reveal=reporting&words=月报")
    assert OWN.id_number in whole.text
    last = list(csv.reader(io.StringIO(whole.data.decode("utf-8-sig"))))[-1]
    assert "school10001" in last[0]
    assert "reveal=reporting" in last[0]
    detail = _lines("export")[-1].detail
    assert (detail["format"], detail["reason"], detail["words"]) == ("csv", "reporting", "月报")
    mine = [line for line in _lines("reveal") if line.graduate_id == _id(app_context)]
    assert [line.detail["export"] for line in mine] == ["graduates"]
    assert school.get("/graduates/export?reveal=other").status_code == 422
    assert school.get("/graduates/export?format=pdf").status_code == 400


def test_every_format_holds_the_same_and_says_where_it_comes_from(
    app_context: Flask, api: Api, invite: Callable[..., list[int]]
) -> None:
    invite("graduate1")
    unit = api("employer1")
    rows = sheet_rows(unit.get("/online_signing/export").data)
    lines = unit.get("/online_signing/export?format=ndjson").text.splitlines()
    records = [json.loads(line) for line in lines]
    assert [list(one.values()) for one in records[:-1]] == [[_text(cell) for cell in row] for row in rows[1:]]
    assert "employer1" in records[-1]["origin"]
    assert unit.get("/online_signing/export?reveal=contact").status_code == 403
    whole = sheet_rows(api("school10001").get("/online_signing/export?reveal=核对身份").data)
    assert OWN.id_number in {cell for row in whole for cell in row}


def _text(cell: object) -> str:
    """Typed days and times as the other formats write them."""
    return str(cell)[:16] if isinstance(cell, datetime) else str(cell)


def test_csv_cells_are_never_formulas() -> None:
    from app.web.sheets import Column, cells_of, write_csv

    file, columns = io.BytesIO(), [Column("x", lambda value: value)]
    write_csv(file, columns, cells_of(columns, ["=1+1", "+1", "-1", "@x", "a=b"]), "who")
    rows = [row[0] for row in csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))]
    assert rows == ["x", "'=1+1", "'+1", "'-1", "'@x", "a=b", "# who"]


def test_the_list_of_the_voided_masks_as_the_roster_does(app_context: Flask, api: Api) -> None:
    from app.destination.admin.voided import VoidedAdmin
    from app.roster.models import Graduate

    row = session.get_one(Graduate, _id(app_context))
    assert VoidedAdmin.computed["id_number"](row) == f"{OWN.id_number[:6]}********{OWN.id_number[-4:]}"
    assert VoidedAdmin.whole["id_number"](row) == OWN.id_number
