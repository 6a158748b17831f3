"""The desk without a browser: one search over everything, a list's filter kept, the school for provinces, last pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Invite = Callable[..., list[int]]
Fire = Callable[..., str]
LIST = "/staff/online-signings/list/"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def test_text_leads_to_the_record_whatever_its_list(
    browse: Any, invite: Invite, api: Any, statements: list[str]
) -> None:
    (case_id,) = invite("graduate1")
    case = api("school10001").get(f"/online_signing/{case_id}").get_json()["result"]
    client = browse("school10001")
    for text in (case["graduate"]["name"], case["employer"]["uscc"], case["employer"]["name"][:4]):
        statements.clear()
        page = client.get("/staff/find/", query_string={"text": text})
        assert page.status_code == 200
        assert f"/staff/online-signings/show/{case_id}" in page.text, text
        assert len([one for one in statements if "UNION ALL" in one]) >= 1
    assert f"/show/{case_id}" not in browse("school10002").get("/staff/find/", query_string={"text": text}).text
    assert client.get("/staff/find/?text=%25").status_code == 200


def test_filter_travels_with_the_record(browse: Any, invite: Invite, fire: Fire) -> None:
    ids = invite("graduate7", "graduate8")
    for name, case_id in zip(("graduate7", "graduate8"), ids, strict=True):
        fire(name, case_id, "accept")
    client, query = browse("school10002"), "_flt_0_state=school_review"
    page = client.get(f"{LIST}?{query}").text
    assert re.findall(r"data-href=\"[^\"]*/show/(\d+)\?_flt_0_state=school_review\"", page) == [str(one) for one in ids]
    page = client.get(f"/staff/online-signings/show/{ids[0]}?{query}").text
    assert "1 / 2" in page
    assert f'href="{LIST}?{query}"' in page
    assert f"/decide/{ids[0]}/approve?{query}" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert version
    assert token
    form = {"csrf_token": token[1], "version": version[1]}
    answer = client.post(f"/staff/online-signings/decide/{ids[0]}/approve?{query}", data=form)
    assert answer.status_code == 302
    assert answer.location.endswith(f"/show/{ids[1]}?{query}")


def test_province_sees_and_chooses_the_school(browse: Any, invite: Invite) -> None:
    ids = invite("graduate1", "graduate7")
    client = browse("province11")
    page = client.get(LIST).text
    assert page.index("毕业院校") < page.index("院系")
    assert "中国人民大学" in page
    found = client.get(f"{LIST}?_flt_0_school=10002").text
    assert re.findall(r"data-href=\"[^\"]*/show/(\d+)", found) == [str(ids[1])]


def test_page_past_the_end_is_the_last(browse: Any, invite: Invite) -> None:
    ids = invite("graduate1", "graduate2")
    page = browse("school10001").get(f"{LIST}?page_OnlineSigningAdmin=99&psize_OnlineSigningAdmin=1").text
    assert re.findall(r"data-href=\"[^\"]*/show/(\d+)", page) == [str(ids[0])]


def test_chosen_cohort_holds_in_lists_and_counts(browse: Any, invite: Invite, fire: Fire) -> None:
    from app.base.cohorts import current_cohort

    (case_id,) = invite("graduate7")
    fire("graduate7", case_id, "accept")
    client = browse("school10002")
    assert f"/show/{case_id}" in client.get(LIST).text
    assert client.get(f"/staff/?cohort={current_cohort() - 1}").status_code == 200
    assert f"/show/{case_id}" not in client.get(LIST).text
    client.get(f"/staff/?cohort={current_cohort()}")
    assert f"/show/{case_id}" in client.get(LIST).text


def test_every_column_of_a_school_orders_its_list(browse: Any, invite: Invite) -> None:
    ids = invite("graduate7", "graduate8")
    client = browse("school10002")
    offered = re.findall(r"_oc_OnlineSigningAdmin=(\w+)", client.get(LIST).text)
    assert {"graduate_name", "state_word", "department", "level_word", "major", "number", "unit"} <= set(offered)
    for column in dict.fromkeys(offered):
        shown = {}
        for way in ("asc", "desc"):
            page = client.get(f"{LIST}?_oc_OnlineSigningAdmin={column}&_od_OnlineSigningAdmin={way}")
            assert page.status_code == 200, column
            shown[way] = [int(one) for one in re.findall(r"data-href=\"[^\"]*/show/(\d+)", page.text)]
        assert sorted(shown["asc"]) == sorted(ids), column
        assert shown["asc"] == shown["desc"][::-1], column
    assert client.get(f"{LIST}?_oc_OnlineSigningAdmin=id_number").status_code == 400
    assert "_oc_OnlineSigningAdmin=graduate_name" not in browse("province11").get(LIST).text
