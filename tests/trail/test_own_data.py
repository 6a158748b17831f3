"""Who asks takes away all that is kept of them, and nothing of anybody else; the trail says so (B11)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.access.audit import AuditLine
from app.base.database import session
from app.workflow import background
from tests.notices.browser import logged_in
from trial.demo import country

pytestmark = pytest.mark.usefixtures("fresh_database")
Api = Callable[..., Any]


def test_graduate_takes_everything_in_full(app_context: Flask, api: Api, invite: Callable[..., list[int]]) -> None:
    (case_id,) = invite("graduate1")
    api("school10001").get(f"/online_signing/{case_id}")
    answer = api("graduate1").get("/me/data")
    assert answer.status_code == 200
    data = answer.get_json()["result"]
    own, other = country.GRADUATES[:2]
    assert [row["id_number"] for row in data["roster"]] == [own.id_number]
    assert data["account"]["username"] == "graduate1"
    assert [case["id"] for case in data["records"]["online_signing"]] == [case_id]
    assert data["records"]["online_signing"][0]["history"]
    assert any(one["role"] == "school" for one in data["readers"])
    assert other.id_number not in answer.text
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line is not None
    assert (line.action, line.actor, line.detail["file"]) == ("download", "graduate1", "data")


def test_the_page_gives_the_same_as_a_file(app_context: Flask) -> None:
    browser = logged_in(app_context, "graduate1")
    assert "/graduate/data" in browser.get("/graduate/me").text
    answer = browser.get("/graduate/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.text)["account"]["username"] == "graduate1"


def test_units_user_takes_the_own_data_alone(api: Api) -> None:
    data = api("employer1").get("/me/data").get_json()["result"]
    assert data["account"]["username"] == "employer1"
    assert data["unit_user"]["name"]
    assert (data["roster"], data["records"], data["readers"]) == ([], {}, [])


@pytest.mark.parametrize("who", ["operator", "province11", "school10001", "dept10001a"])
def test_staff_have_no_such_door(api: Api, who: str) -> None:
    assert api(who).get("/me/data").status_code == 403


def test_on_paper_it_says_the_same_and_is_this_persons_alone(
    app_context: Flask, api: Api, invite: Callable[..., list[int]]
) -> None:
    invite("graduate1")
    me = api("graduate1")
    answer = me.get("/me/data?format=pdf")
    assert answer.status_code == 202
    number = answer.get_json()["job_id"]
    assert me.get(f"/jobs/{number}").get_json()["result"]["sheet"] is None
    assert background.run(number)
    assert me.get(f"/jobs/{number}").get_json()["result"]["state"] == "done"
    file = me.get(f"/jobs/{number}/sheet")
    assert file.mimetype == "application/pdf"
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(file.data)).pages).split())
    own, other = country.GRADUATES[:2]
    for said in (own.id_number, own.name, "graduate1", "线上签约", "等待学生应约"):
        assert said in text, said
    assert other.id_number not in text
    for stranger in ("graduate2", "operator", "school10001"):
        assert api(stranger).get(f"/jobs/{number}").status_code == 404
        assert api(stranger).get(f"/jobs/{number}/sheet").status_code == 404
    taken = select(AuditLine).where(AuditLine.action == "download", AuditLine.actor == "graduate1")
    assert [line.detail["file"] for line in session.scalars(taken)] == ["data"]
    assert me.get("/me/data?format=docx").status_code == 400


def test_a_units_user_has_paper_of_the_own_data_that_colleagues_have_not(app_context: Flask, api: Api) -> None:
    number = api("employer1").get("/me/data?format=pdf").get_json()["job_id"]
    background.run(number)
    assert api("employer1").get(f"/jobs/{number}/sheet").status_code == 200
    assert api("employer1b").get(f"/jobs/{number}").status_code == 404


def test_the_phone_waits_by_itself_and_offers_the_file(app_context: Flask) -> None:
    browser = logged_in(app_context, "graduate1")
    place = browser.get("/graduate/data?format=pdf").headers["Location"]
    assert "hx-get" in browser.get(place).text
    background.run(int(place.rpartition("/")[2]))
    assert f"{place}/file" in browser.get(place).text
    assert browser.get(f"{place}/file").data.startswith(b"%PDF")
    assert logged_in(app_context, "graduate2").get(place).status_code == 404
