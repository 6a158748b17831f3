"""Between which days graduates confirm that they leave: set through the API and the page, in season or not (B2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.base.cohorts import current_cohort
from tests.fixtures.pages import token

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
DAYS = {"from": "2027-06-01", "until": "2027-06-30"}
ADDRESS = "/settings/school"


def test_days_are_set_changed_and_closed(api: Callable[..., Any]) -> None:
    school = api("school10002")
    assert school.get(ADDRESS).get_json()["result"]["leaving"] is None
    for sent, told in ((DAYS, DAYS), ({**DAYS, "until": "2027-07-15"},) * 2, (None, None)):
        answer = school.put(ADDRESS, {"leaving": sent})
        assert (answer.status_code, answer.get_json()["result"]["leaving"]) == (200, told)
        assert school.get(ADDRESS).get_json()["result"]["leaving"] == told


def test_days_open_nothing_and_work_at_any_time(api: Callable[..., Any]) -> None:
    """Where the province has opened nothing, and for a cohort whose season is over."""
    new, over = api("school10558"), current_cohort() - 2
    told = new.put(ADDRESS, {"leaving": DAYS}).get_json()["result"]
    assert (told["leaving"], told["open"], told["submitted_at"]) == (DAYS, False, None)
    told = api("school10002").put(ADDRESS, {"leaving": DAYS, "cohort": over}).get_json()["result"]
    assert (told["cohort"], told["leaving"]) == (over, DAYS)
    assert api("school10002").get(ADDRESS).get_json()["result"]["leaving"] is None, "each cohort has its own"


def test_the_rest_stays_as_it_is_and_is_saved_together(api: Callable[..., Any]) -> None:
    school = api("school10002")
    before = school.get(ADDRESS).get_json()["result"]
    told = school.put(ADDRESS, {"leaving": DAYS, "max_terminations": 5}).get_json()["result"]
    assert (told["leaving"], told["max_terminations"], told["open"]) == (DAYS, 5, before["open"])
    assert school.put(ADDRESS, {"max_terminations": 4}).get_json()["result"]["leaving"] == DAYS
    answer = school.put(ADDRESS, {"leaving": None, "max_terminations": 500})
    assert answer.status_code == 422
    assert school.get(ADDRESS).get_json()["result"]["leaving"] == DAYS, "all of it or nothing"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"from": "2027-06-30", "until": "2027-06-01"}, "leaving.until"),
        ({"from": "2027-06-30"}, "leaving.until"),
        ({"from": "soon", "until": "2027-06-01"}, "leaving.from"),
        ("2027-06-01", "leaving"),
    ],
)
def test_wrong_days_are_told_at_their_field(api: Callable[..., Any], sent: Any, field: str) -> None:
    answer = api("school10002").put(ADDRESS, {"leaving": sent})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


@pytest.mark.parametrize("account", ["dept10001a", "province11", "graduate1", "employer1"])
def test_only_schools_set_days(api: Callable[..., Any], account: str) -> None:
    assert api(account).put(ADDRESS, {"leaving": DAYS}).status_code == 403


def test_the_page_sets_them_and_keeps_who_did(browse: Callable[[str], FlaskClient]) -> None:
    school = browse("school10002")
    page = "/staff/settings/employment/"
    form = {"csrf_token": token(school.get(page).text), **DAYS}
    assert school.post(f"{page}days", data={**form, "until": "2027-05-01"}).status_code == 422
    assert school.post(f"{page}days", data=form).status_code == 302
    shown = school.get(page).text
    assert 'value="2027-06-01"' in shown
    assert "2027-06-01 – 2027-06-30" in shown, "the history"
    assert school.post(f"{page}days", data={**form, "from": "", "until": ""}).status_code == 302
    assert 'value="2027-06-01"' not in school.get(page).text
