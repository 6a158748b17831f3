"""Lists and exports by plain parameters, and lists read to their end while rows move."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Api = Callable[..., Any]
Invite = Callable[..., list[int]]
Fire = Callable[..., str]
BASE = "/online_signing"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def _next(answer: Any) -> str | None:
    found = re.fullmatch(r'<http://localhost/api/v1([^>]+)>; rel="next"', answer.headers.get("Link", ""))
    return found[1] if found else None


def test_filters_by_name(api: Api, invite: Invite, fire: Fire, actor_of: Callable[[str], Any]) -> None:
    ids = invite("graduate1", "graduate2", "graduate7")
    fire("graduate1", ids[0], "decline")
    fire("graduate7", ids[2], "accept")
    employer = api("employer1")

    def listed(query: str) -> list[int]:
        answer = employer.get(f"{BASE}/?{query}")
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["count"] == len(answer.get_json()["ids"])
        return sorted(answer.get_json()["ids"])

    cohort = actor_of("graduate1") and employer.get(f"{BASE}/{ids[0]}").get_json()["result"]["cohort"]
    name = employer.get(f"{BASE}/{ids[1]}").get_json()["result"]["graduate"]["name"]
    at = employer.get(f"{BASE}/{ids[2]}").get_json()["result"]["updated_at"]
    assert listed("state=declined") == ids[:1]
    assert listed("state=declined,school_review") == [ids[0], ids[2]]
    assert listed("state=declined&state=school_review") == [ids[0], ids[2]]
    assert listed("stage=failed") == ids[:1]
    assert listed(f"cohort={cohort}&state=") == ids
    assert listed(f"graduate_name={name}") == [ids[1]]
    assert listed(f"search={name}") == [ids[1]]
    assert listed("school=10002") == listed("school=中国人民大学") == [ids[2]]
    assert listed("q=(filters:!((col:state,opr:eq,value:declined)))&level=undergraduate") == ids[:1]
    assert listed("created_after=2001-01-01") == ids
    assert listed("created_after=2901-01-01") == []
    assert listed(f"updated_after={at}") == listed(f"updated_after={at.replace('+', '%2B')}")
    assert ids[2] not in listed(f"updated_after={at.replace('T', 'T').replace('+', '.999999%2B')}")


def test_search_finds_numbers_of_the_graduate(api: Api, invite: Invite) -> None:
    invite("graduate1", "graduate2")
    graduates = api("school10001").get("/graduates/?page_size=200").get_json()["result"]
    for case in api("school10001").get(f"{BASE}/").get_json()["result"]:
        row = next(one for one in graduates if one["id"] == case["graduate"]["id"])
        for text in (row["exam_number"], row["student_number"], row["name"]):
            found = api("school10001").get(f"{BASE}/?search={text}").get_json()
            assert found["ids"] == [case["id"]], text
    assert api("school10001").get(f"{BASE}/?search={case['employer']['uscc']}").get_json()["count"] == 2
    assert api("school10002").get(f"{BASE}/?search={row['exam_number']}").get_json()["count"] == 0


@pytest.mark.parametrize(
    "query", ["stat=signed", "order=-name", "page_sise=5", "q=(filters:!((col:x,opr:eq,value:1)))"]
)
def test_unknown_parameter_is_named(api: Api, query: str) -> None:
    for address in (f"{BASE}/", f"{BASE}/export", "/graduates/"):
        if address == "/graduates/" and "name" in query:
            continue
        answer = api("school10001").get(f"{address}?{query}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown_parameter"), answer.text
        assert "id" in answer.get_json()["parameters"] or "cursor" in answer.get_json()["parameters"]


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "page_size=0", "page_size=201", "cursor=zzz", "updated_after=x"]
)
def test_unreadable_value_is_refused(api: Api, query: str) -> None:
    assert api("school10001").get(f"{BASE}/?{query}").status_code == 400


def test_unknown_state_is_named(api: Api) -> None:
    answer = api("school10001").get(f"{BASE}/?state=nonsense")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown_value")
    assert "signed" in answer.get_json()["parameters"]


def test_pages_lead_to_the_next(api: Api, invite: Invite) -> None:
    ids = invite("graduate1", "graduate2", "graduate7")
    path: str | None = f"{BASE}/?page=0&page_size=2&order=created_at"
    seen: list[int] = []
    while path:
        answer = api("employer1").get(path)
        seen += answer.get_json()["ids"]
        path = _next(answer)
    assert sorted(seen) == ids
    assert len(seen) == 3


@pytest.mark.parametrize("order", ["", "&order=id", "&order=-id"])
def test_cursor_neither_skips_nor_repeats_what_moves(api: Api, invite: Invite, fire: Fire, order: str) -> None:
    ids = invite("graduate1", "graduate2", "graduate7", "graduate8", "graduate13")
    path: str | None = f"{BASE}/?cursor=&page_size=2{order}"
    seen: list[int] = []
    while path:
        answer = api("employer1").get(path)
        assert answer.get_json()["count"] == 5
        seen += answer.get_json()["ids"]
        path = _next(answer)
        if len(seen) == 2:  # rows before and behind the cursor change their place in the order of changes
            fire("graduate1", ids[0], "decline")
            fire("graduate13", ids[4], "accept")
    assert seen == sorted(ids, reverse=order != "&order=id")


def test_cursor_goes_with_no_other_order(api: Api) -> None:
    assert api("employer1").get(f"{BASE}/?cursor=&order=updated_at").status_code == 400


def test_export_is_narrowed_too(api: Api, invite: Invite, fire: Fire) -> None:
    ids = invite("graduate1", "graduate2")
    fire("graduate1", ids[0], "decline")
    lines = api("school10001").get(f"{BASE}/export?format=ndjson&state=declined").text.splitlines()
    assert len(lines) == 2  # one row, and where it comes from
