"""总人数 = 已登记 + 未登记 + 审核中, for every grouping and every reader, and the lists behind the figures (R2.5)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.access.actors import SYSTEM
from app.base.cohorts import current_cohort
from app.base.database import session
from app.roster.services.graduates import set_roster_presence
from app.statistics.groups import roster_groupings
from app.statistics.queries import Place, progress_table
from tests.fixtures.pages import token
from tests.fixtures.statements import counted
from tests.household.stage import Stage
from tests.signing.stage import user

Api = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def _world(application: Flask, database: str) -> Iterator[None]:
    """10001: one registered with a change on its way, one in review, one returned, one rejected, one removed."""
    with application.app_context():
        for kind in ("archive", "hukou"):
            first = Stage(kind, "graduate1")
            first.approve(first.create("3"))
            first.create("9")
            Stage(kind, "graduate2").bring("school_review")
            Stage(kind, "graduate3").bring("returned")
            Stage(kind, "graduate4", "dept10001b").bring("rejected")
        set_roster_presence(user("graduate5").graduate_id or 0, present=False, actor=SYSTEM)
        session.remove()
    return


KIND = pytest.mark.parametrize("kind", ["archive", "hukou"])


@KIND
def test_the_school_sees_its_departments(api: Api, kind: str) -> None:
    """Removed graduates are left out; who is registered is not in review as well."""
    told = api("school10001").get(f"/statistics/{kind}").get_json()
    assert told["by"] == "department"
    figures = ("total", "registered", "in_review", "unregistered")
    assert {name: told["total"][name] for name in figures} == dict(zip(figures, (5, 1, 1, 3), strict=True))
    assert sum(line["total"] for line in told["result"]) == 5
    assert told["total"]["states"] == {
        "approved": 1,
        "dept_review": 1,
        "school_review": 1,
        "returned": 1,
        "rejected": 1,
    }


@KIND
@pytest.mark.parametrize("grouping", roster_groupings())
@pytest.mark.parametrize("who", ["operator", "province11", "school10001", "dept10001a"])
def test_the_three_add_up(api: Api, kind: str, grouping: str, who: str) -> None:
    """For every grouping and reader, on every line and in all."""
    told = api(who).get(f"/statistics/{kind}?by={grouping}&cohort={current_cohort()}").get_json()
    assert told["result"]
    for line in [*told["result"], told["total"]]:
        assert line["total"] == line["registered"] + line["unregistered"] + line["in_review"]
        assert line["label"] or line is told["total"]
    for name in ("total", "registered", "in_review"):
        assert told["total"][name] == sum(line[name] for line in told["result"])


def test_the_province_sees_which_schools_have_opened(api: Api) -> None:
    """Every school of the province, also those without a graduate or a setting."""
    told = api("province11").get("/statistics/archive").get_json()
    assert {line["code"]: line["open"] for line in told["result"]} == {"10001": True, "10002": True}
    closed = api("province44").get("/statistics/archive").get_json()
    assert [(line["code"], line["open"], line["registered"]) for line in closed["result"]] == [("10558", False, 0)]
    narrowed = api("province11").get("/statistics/archive?by=department&school=10001").get_json()
    assert narrowed["total"]["total"] == 5


def test_scope_and_permission(api: Api, client: FlaskClient) -> None:
    """Others' schools are not there; units and graduates read no figures; odd parameters are refused."""
    assert api("province32").get("/statistics/archive?school=10001").status_code == 404
    assert api("school10002").get("/statistics/archive?school=10001").status_code == 404
    assert api("dept10001a").get("/statistics/archive").get_json()["total"]["total"] == 3
    for who in ("employer1", "graduate1"):
        assert api(who).get("/statistics/archive").status_code == 403
    assert api("school10558").get("/statistics/archive").status_code == 403
    assert api("operator").get("/statistics/nothing").status_code == 404
    assert api("operator").get("/statistics/archive?by=name").status_code == 400
    assert api("operator").get("/statistics/archive?cohort=abc").status_code == 400
    assert api("operator").get("/statistics/archive?department=abc").status_code == 404
    assert client.get("/api/v1/statistics/archive").status_code == 401


def test_the_number_of_statements_does_not_grow(app_context: Flask) -> None:
    """One grouped statement for the figures, one for the states, one for the names, one for the settings."""
    actor = user("province11")
    with counted(app_context) as seen:
        progress_table("archive", current_cohort(), "school", Place(), actor=actor)
    assert len(seen) <= 5


def _staff(client: FlaskClient, username: str) -> FlaskClient:
    page = client.get("/login/school").get_data(as_text=True)
    sent = {"username": username, "password": "Qianyue@2027", "csrf_token": token(page)}
    assert client.post("/login/school", data=sent).status_code == 302
    return client


@KIND
def test_pages_lists_and_downloads(app: Flask, kind: str) -> None:
    """The page, the people behind a figure, and both sheets."""
    school = _staff(app.test_client(), "school10001")
    page = school.get(f"/staff/statistics/{kind}/")
    assert page.status_code == 200
    for progress, names in (("registered", 1), ("in_review", 1), ("unregistered", 3)):
        people = school.get(f"/staff/statistics/{kind}/people?progress={progress}&by=department")
        assert people.get_data(as_text=True).count("<tr>") - 1 == names
        sheet = school.get(f"/staff/statistics/{kind}/people/export?progress={progress}&by=department")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
        assert len(rows) == names + 1
    sheet = school.get(f"/staff/statistics/{kind}/export")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    assert rows[-1][0] == "总计"
    assert [int(one) for one in rows[-1][1:]] == [5, 1, 3, 1]
    assert school.get(f"/staff/statistics/{kind}/people?progress=x").status_code == 400
    assert school.get(f"/staff/statistics/{kind}/?school=10002").status_code == 404
