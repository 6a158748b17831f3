"""工作台: what ends first stands first, live counts lead to their tabs, and each cohort has its own (R6.1, R4.3)."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask import Flask

from app.access.actors import EMPLOYER
from app.amendment.models import Amendment
from app.base import clock
from app.base.database import session
from app.cases.answers import asking_count
from app.cases.services import begin_case
from app.termination.online.models import OnlineTermination
from app.web.links import record_url
from app.workflow import engine
from tests.notices.browser import logged_in
from tests.signing.stage import Stage, invite, letter, user
from tests.termination.stage import BY_GRADUATE, TerminationStage
from trial.demo.country import GRADUATES

pytestmark = pytest.mark.usefixtures("fresh_database")


def _tiles(html: str) -> dict[str, int]:
    """Address of each tile and its figure."""
    found = re.findall(r'class="tile[^"]*" href="([^"]+)">\s*<span class="tile__figure">([\d,]+)<', html)
    return {address.replace("&amp;", "&"): int(figure.replace(",", "")) for address, figure in found}


def test_what_ends_first_stands_first(app_context: Flask) -> None:
    unit, today = user("employer1"), clock.today()
    for place, days in enumerate((9, 2, 5), start=1):
        invite(unit, user(f"graduate{place}"), valid_until=(today + timedelta(days=days)).isoformat())
    html = logged_in(app_context, "employer1").get("/employer/").text
    names = re.findall(r'class="item"><a href="/employer/signings/\d+"><b>([^<]+)</b>', html)
    assert names == [GRADUATES[1].name, GRADUATES[2].name, GRADUATES[0].name]


def test_counts_are_live_and_lead_to_the_tab_of_the_cohort(app_context: Flask) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("withdrawn")
    invite(user("employer1"), user("graduate2"))
    page = logged_in(app_context, "employer1")
    tiles = _tiles(page.get("/employer/").text)
    assert all("cohort=2027" in address for address in tiles)
    for address, figure in tiles.items():
        listed = page.get(address)
        assert listed.status_code == 200
        if "tab=" in address:
            assert listed.text.count("<tr data-href=") == figure, address
    assert sum(figure for address, figure in tiles.items() if "tab=signing" in address or "tab=failed" in address) == 2


@pytest.mark.parametrize(
    ("workflow", "body"),
    [
        (Amendment.workflow_name, {"changes": {"position.title": "测试工程师"}, "reason": "岗位调整"}),
        (OnlineTermination.workflow_name, BY_GRADUATE),
    ],
)
def test_whatever_waits_for_the_unit_is_listed_and_counted(
    app_context: Flask, workflow: str, body: dict[str, object]
) -> None:
    signing = TerminationStage().sign().id
    session.commit()
    page = logged_in(app_context, "employer1")
    before = page.get("/employer/").text
    case = begin_case(workflow, {"signing_id": signing, **body}, actor=user("graduate1"))
    session.commit()
    with app_context.test_request_context():
        address = str(record_url(workflow, case.id, EMPLOYER))
    assert address not in before
    assert address in page.get("/employer/").text
    assert address not in page.get("/employer/?cohort=2026").text
    assert asking_count(user("employer1")) == 1
    assert asking_count(user("employer2")) == 0
    engine.fire(workflow, case.id, "agree", actor=user("employer1"))
    session.commit()
    assert address not in page.get("/employer/?cohort=2027").text, "answered"


def test_each_cohort_has_its_own_counts_and_a_closed_one_is_read_only(app_context: Flask) -> None:
    invite(user("employer1"), user("graduate2"))
    page = logged_in(app_context, "employer1")
    now = page.get("/employer/").text
    switch = re.findall(r'href="([^"]*cohort=(\d{4})[^"]*)"', now)
    assert {"2026", "2025"} <= {year for _address, year in switch}
    last = page.get("/employer/?cohort=2026").text
    assert all("cohort=2026" in address for address in _tiles(last))
    assert sum(_tiles(last).values()) == 0
    assert _tiles(page.get("/employer/").text) == _tiles(last), "the choice stays until it is changed"
    assert "#add" in last, "the cohort before still operates until 31 January"
    closed = page.get("/employer/?cohort=2025").text
    assert "#add" not in closed.partition("<main")[2]
    assert sum(_tiles(page.get("/employer/?cohort=2027").text).values()) > 0
    assert page.get("/employer/?cohort=1066").status_code == 400


def test_my_people_go_out_as_the_tab_shows_them(app_context: Flask) -> None:
    unit = user("employer1")
    invite(unit, user("graduate2"))
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("withdrawn")
    page = logged_in(app_context, "employer1")
    rows = page.get("/employer/signings/sheet?tab=failed&format=ndjson").text.splitlines()
    (person, origin) = (json.loads(row) for row in rows)
    assert (person["姓名"], person["岗位名称"], person["月薪"]) == (GRADUATES[0].name, "软件工程师", "12000.00")
    assert "*" in person["身份证号"]
    assert "origin" in origin
    both = page.get("/employer/signings/sheet?tab=signing&format=csv").text
    assert GRADUATES[1].name in both
    assert GRADUATES[0].name not in both
    assert page.get("/employer/signings/sheet?tab=nowhere").status_code == 404
    assert page.get("/employer/signings?tab=failed").text.count("/employer/signings/sheet?tab=failed") == 1


def test_a_new_letter_names_the_contact_of_the_last_one(app_context: Flask) -> None:
    from app.signing.online.queries import usual_contact

    unit, other = user("employer1"), user("employer2")
    assert usual_contact(other)["contact"] == other.name
    position = {**letter()["position"], "contact": "戚若川", "phone": "010-62519999"}
    invite(unit, user("graduate5"), position=position)
    assert usual_contact(unit) == {"contact": "戚若川", "phone": "010-62519999"}
    assert usual_contact(other)["contact"] == other.name, "another unit's letters are not asked"
