"""Kept views of lists: one's own, and those that colleagues of the same place share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.notices.browser import token

Api = Callable[..., Any]
SENT = {"listing": "destination", "name": "超过三天", "query": "_flt_0_state=school_review", "shared": False}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own views."""


def _names(api: Api, who: str) -> list[str]:
    return [row["name"] for row in api(who).get("/saved_views/?order=name").get_json()["result"]]


def test_kept_replaced_and_removed(api: Api) -> None:
    school = api("school10001")
    made = school.post("/saved_views/", SENT)
    assert made.status_code == 201, made.text
    person = "_flt_0_id_number=110101200001011234&cols=state_word"  # whom one looks for is no view
    again = school.post("/saved_views/", {**SENT, "query": person}).get_json()
    assert (again["id"], again["result"]["query"]) == (made.get_json()["id"], "cols=state_word")
    hidden = school.post("/saved_views/", {**SENT, "query": "%5Fflt_0_id%5Fnumber=110101200001011234&cols=a%0D%0AX"})
    assert hidden.get_json()["result"]["query"] == "cols=a%0D%0AX"
    assert school.post("/saved_views/", {**SENT, "query": f"a={'长' * 900}"}).status_code == 422
    assert _names(api, "school10001") == ["超过三天"]
    assert school.post("/saved_views/", {**SENT, "listing": "nonsense"}).status_code == 404
    assert school.post("/saved_views/", {**SENT, "name": ""}).status_code == 422
    assert school.delete(f"/saved_views/{again['id']}").status_code == 200
    assert _names(api, "school10001") == []


def test_colleagues_of_the_same_place_alone_share(api: Api) -> None:
    number = api("dept10001a").post("/saved_views/", {**SENT, "shared": True}).get_json()["id"]
    for who in ("dept10001b", "school10001", "province11", "operator"):
        assert _names(api, who) == [], who
        assert api(who).delete(f"/saved_views/{number}").status_code == 404
    for who in ("employer1", "graduate1"):
        assert api(who).post("/saved_views/", SENT).status_code == 403


def test_columns_are_those_of_the_list(browse: Any) -> None:
    client = browse("school10002")
    base = "/staff/online-signings/list/"
    assert client.get(f"{base}?cols=state_word").status_code == 200
    assert client.get(f"{base}?cols=nonsense").status_code == 400


def test_what_a_list_is_kept_as_can_always_stand_in_an_address(browse: Any) -> None:
    client = browse("school10002")
    sent = {"csrf_token": token(client.get("/staff/online-signings/list/").text), "name": "视图"}
    for odd in (
        "a=1\r\nX-Evil: 1",
        "//evil.example",
        "_flt_0_graduate_name=䶮㛃𠮷",
        "%00",
        "长" * 900,
        "%ff=%ed%a0%80",
    ):
        answer = client.post("/staff/online-signings/views", data={**sent, "query": odd})
        assert answer.status_code == 302, odd
        assert answer.headers["Location"].startswith("/staff/online-signings/list/"), odd
        assert "X-Evil" not in answer.headers
