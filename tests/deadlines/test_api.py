"""Time limits at the API: settings at any time and partial, what CASE says of waiting, the settings page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.pages import token

PROVINCE, SCHOOL = "/settings/province", "/settings/school"
ARCHIVES = {"dispatch_days": 30, "receipt_days": 30}
NOTHING = {
    "answer_min": None,
    "answer_days": None,
    "review_days": None,
    "termination_days": None,
    **dict.fromkeys(ARCHIVES),
}
PLATFORM = {"answer_min": 1, "answer_days": 7, "review_days": 5, "termination_days": 10, **ARCHIVES}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Settings of this test alone."""


def test_limits_are_set_where_nothing_is_open(api: Callable[..., Any]) -> None:
    school, province = api("school10558"), api("province44")
    assert school.get(SCHOOL).status_code == 409  # not open
    answer = school.put(SCHOOL, {"deadlines": {"review_days": 3}})
    assert answer.status_code == 200, answer.text
    told = answer.get_json()["result"]
    assert told["deadlines"] == {**NOTHING, "review_days": 3}
    assert told["deadlines_in_force"] == {**PLATFORM, "review_days": 3}
    assert told["open"] is False
    told = province.put(PROVINCE, {"deadlines": {"answer_min": 4}, "destination_change": "reviewed"}).get_json()[
        "result"
    ]
    assert (told["deadlines"], told["destination_change"]) == ({**NOTHING, "answer_min": 4}, "reviewed")
    assert told["modules"]["employment"]["open"] is False
    assert told["changes_until"] == f"{told['cohort']}-08-31"
    told = province.put(PROVINCE, {"changes_until": "2027-07-15"}).get_json()["result"]
    assert (told["changes_until"], told["deadlines"]["answer_min"]) == ("2027-07-15", 4)
    answer = school.put(SCHOOL, {"deadlines": {"answer_min": 3}})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["deadlines.answer_min"]
    told = school.put(SCHOOL, {"deadlines": {"review_days": None}}).get_json()["result"]
    assert told["deadlines"] == NOTHING
    assert told["deadlines_in_force"]["answer_min"] == 4


@pytest.mark.parametrize(
    ("path", "who", "body", "status"),
    [
        (SCHOOL, "school10002", {"deadlines": {"review_days": 61}}, 422),
        (SCHOOL, "school10002", {"deadlines": {"review_days": "3"}}, 422),
        (SCHOOL, "school10002", {"deadlines": 3}, 422),
        (SCHOOL, "school10002", {"deadlines": {"review_days": 3}, "cohort": 1999}, 422),
        (PROVINCE, "province11", {"destination_change": "never"}, 422),
        (PROVINCE, "province11", {"changes_until": "some day"}, 422),
        (SCHOOL, "province11", {"deadlines": {"review_days": 3}}, 403),
        (SCHOOL, "dept10001a", {"deadlines": {"review_days": 3}}, 403),
        (PROVINCE, "school10001", {"deadlines": {"review_days": 3}}, 403),
        (PROVINCE, "graduate1", {"deadlines": {"review_days": 3}}, 403),
    ],
)
def test_refusals(api: Callable[..., Any], path: str, who: str, body: dict[str, Any], status: int) -> None:
    assert api(who).put(path, body).status_code == status


def test_the_page_of_limits(browse: Callable[[str], Any]) -> None:
    for who, more in (("school10002", {}), ("province11", {"destination_change": "reviewed", "changes_until": ""})):
        client = browse(who)
        page = client.get("/staff/settings/deadlines/")
        assert page.status_code == 200
        sent = {"csrf_token": token(page.text), "answer_min": "", "review_days": "61", **more}
        refused = client.post("/staff/settings/deadlines/", data=sent)
        assert refused.status_code == 422
        assert 'value="61"' in refused.text
        assert client.post("/staff/settings/deadlines/", data=sent | {"review_days": "6"}).status_code == 302
        assert 'value="6"' in client.get("/staff/settings/deadlines/").text
    assert client.get("/staff/settings/deadlines/").text.count("checked") == 1
