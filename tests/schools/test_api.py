"""The API of the settings: shapes, the order of refusals, what each kind of account may read and change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.base.cohorts import current_cohort
from tests.fixtures.application import Api
from tests.schools.people import contact

PROVINCE, SCHOOL = "/settings/province", "/settings/school"
ARCHIVES = {"dispatch_days": 30, "receipt_days": 30}
PLATFORM = {"answer_min": 1, "answer_days": 7, "review_days": 5, "termination_days": 10, **ARCHIVES}
LogIn = Callable[..., Api]


# Openings and contacts are for good: who writes has a database of their own, before and after.
writes = pytest.mark.usefixtures("fresh_database")


def _opened(api: LogIn, *modules: str) -> Api:
    for module in modules or ("employment",):
        answer = api("province44").put(PROVINCE, {"module": module, "agreement_type": "three_party"})
        assert answer.status_code in (200, 409), answer.text
    return api("school10558")


# settings/province --------------------------------------------------------------------------------------------------


@writes
def test_province_reads_and_opens(api: LogIn) -> None:
    province = api("province44")
    before = province.get(PROVINCE).get_json()
    closed = {"open": False, "opened_at": None, "opened_by": None}
    assert before["result"] == {
        "code": "44",
        "name": "广东省",
        "agreement_type": None,
        "modules": {"employment": closed, "archive": closed, "hukou": closed},
        "cohort": current_cohort(),
        "deadlines": dict.fromkeys(PLATFORM),
        "deadlines_in_force": PLATFORM,
        "destination_change": "free",
        "changes_until": f"{current_cohort()}-08-31",
    }
    answer = province.put(PROVINCE, {"module": "employment", "agreement_type": "two_party"})
    assert answer.status_code == 200
    after = answer.get_json()
    assert after["id"] == before["id"]
    assert after["result"]["agreement_type"] == "two_party"
    opened = after["result"]["modules"]["employment"]
    assert opened["open"] is True
    assert opened["opened_by"] == "司徒岭"
    assert opened["opened_at"].endswith("+08:00")
    assert after["result"]["modules"]["archive"] == closed
    assert province.get(PROVINCE).get_json() == after


@writes
def test_open_stays_open(api: LogIn) -> None:
    _opened(api)
    province = api("province44")
    for body in (
        {"module": "employment", "agreement_type": "two_party"},
        {"module": "employment", "agreement_type": "three_party"},
        {"module": "employment", "open": False},
        {"module": "employment", "open": False, "agreement_type": None},
    ):
        answer = province.put(PROVINCE, body)
        assert answer.status_code == 409, body
        assert answer.get_json()["code"] == "already_open"
    for method in ("DELETE", "PATCH", "POST"):
        assert province.call(method, PROVINCE, json={"module": "employment"}).status_code == 405
    assert province.get(PROVINCE).get_json()["result"]["agreement_type"] == "three_party"


@writes
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "module"),
        ({"module": None}, 422, "module"),
        ({"module": ["employment"]}, 422, "module"),
        ({"module": "signing"}, 422, "module"),
        ({"module": "employment"}, 422, "agreement_type"),
        ({"module": "employment", "agreement_type": "four_party"}, 422, "agreement_type"),
        ({"module": "employment", "agreement_type": {"x": 1}}, 422, "agreement_type"),
    ],
)
def test_wrong_opening_is_told_at_its_field(api: LogIn, body: dict[str, Any], status: int, field: str) -> None:
    province = api("province44")
    before = province.get(PROVINCE).get_json()
    answer = province.put(PROVINCE, body)
    assert answer.status_code == status
    assert set(answer.get_json()["errors"]) == {field}
    assert province.get(PROVINCE).get_json() == before


@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"{", b"\xff"])
def test_malformed_body_comes_first(api: LogIn, raw: bytes) -> None:
    for path in (PROVINCE, SCHOOL):
        answer = api("graduate1").call("PUT", path, data=raw, content_type="application/json")
        assert answer.status_code == 400, path


@pytest.mark.parametrize("account", ["operator", "school10558", "dept10001a", "employer1", "graduate1"])
def test_only_provinces_open(api: LogIn, account: str) -> None:
    answer = api(account).put(PROVINCE, {"module": "employment", "agreement_type": "two_party"})
    assert answer.status_code == 403
    assert answer.get_json()["message"]


@pytest.mark.parametrize(
    ("account", "query", "status", "code"),
    [
        ("school10558", "", 200, "44"),
        ("dept10001a", "", 200, "11"),
        ("operator", "?province=32", 200, "32"),
        ("operator", "", 404, None),
        ("operator", "?province=99", 404, None),
        ("province44", "?province=44", 200, "44"),
        ("province44", "?province=11", 404, None),
        ("school10558", "?province=11", 404, None),
        ("employer1", "", 403, None),
        ("graduate1", "", 403, None),
    ],
)
def test_who_reads_what_a_province_has_opened(api: LogIn, account: str, query: str, status: int, code: Any) -> None:
    answer = api(account).get(PROVINCE + query)
    assert answer.status_code == status
    if code:
        assert answer.get_json()["result"]["code"] == code


def test_strangers_are_asked_to_log_in(app: Flask) -> None:
    for path in (PROVINCE, SCHOOL):
        for method in ("GET", "PUT"):
            assert app.test_client().open(f"/api/v1{path}", method=method).status_code == 401


# settings/school ----------------------------------------------------------------------------------------------------


@writes
def test_every_door_refuses_before_the_province_has_opened(api: LogIn) -> None:
    school = api("school10558")
    assert school.get("/me").get_json()["modules"]["employment"] == "rw"
    for answer in (school.get(SCHOOL), school.put(SCHOOL, {"open": True}), school.put(SCHOOL, {"module": "archive"})):
        assert answer.status_code == 409
        assert answer.get_json()["code"] == "province_not_open"
    for path in ("/online_signing/", "/online_signing/export", "/graduates/", "/graduates/1"):
        answer = school.get(path)
        assert answer.status_code in (403, 404), path
        if answer.status_code == 403:
            assert answer.get_json()["code"] == "province_not_open", path
    bulk = school.post("/online_signing/bulk/approve", {"ids": [1]})
    assert bulk.status_code == 403


@writes
def test_school_sets_reads_and_changes_in_parts(api: LogIn) -> None:
    school = _opened(api)
    assert school.get(SCHOOL).get_json()["result"] == {
        "school": "10558",
        "name": "中山大学",
        "cohort": current_cohort(),
        "module": "employment",
        "agreement_type": "three_party",
        "open": False,
        "review_mode": None,
        "max_terminations": None,
        "types": [],
        "contacts": [],
        "submitted_at": None,
        "leaving": None,
        "checking": None,
        "deadlines": dict.fromkeys(PLATFORM),
        "deadlines_in_force": PLATFORM,
    }
    body = {"open": True, "review_mode": "school", "max_terminations": 2, "contacts": [contact()]}
    answer = school.put(SCHOOL, body)
    assert answer.status_code == 200, answer.text
    result = answer.get_json()["result"]
    assert {name: result[name] for name in body} == body
    assert result["submitted_at"]
    changed = school.put(SCHOOL, {"max_terminations": 3}).get_json()["result"]
    assert {**result, "max_terminations": 3, "submitted_at": changed["submitted_at"]} == changed
    assert school.get(f"{SCHOOL}?cohort={current_cohort()}").get_json()["result"] == changed


@writes
def test_cohort_and_module_are_chosen(api: LogIn) -> None:
    school = _opened(api, "employment", "archive")
    last = current_cohort() - 1
    assert school.put(SCHOOL, {"cohort": last, "open": True}).get_json()["result"]["cohort"] == last
    assert school.get(SCHOOL).get_json()["result"]["open"] is False
    assert school.get(f"{SCHOOL}?cohort={last}").get_json()["result"]["open"] is True
    body = {"module": "archive", "open": True, "types": ["1", "4"], "review_mode": "school"}
    assert school.put(SCHOOL, body).get_json()["result"]["types"] == ["1", "4"]
    assert school.get(f"{SCHOOL}?module=archive").get_json()["result"]["open"] is True
    assert school.get(f"{SCHOOL}?module=hukou").status_code == 409


@pytest.mark.parametrize(
    ("query", "status"),
    [("?cohort=x", 400), ("?cohort=-1", 400), ("?cohort=1999", 422), ("?module=x", 422), ("?cohort=2027.0", 400)],
)
def test_odd_addresses_are_refused(api: LogIn, query: str, status: int) -> None:
    assert api("school10001").get(SCHOOL + query).status_code == status


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"cohort": 1999}, 422, "cohort"),
        ({"cohort": "x"}, 422, "cohort"),
        ({"module": "x"}, 422, "module"),
        ({"max_terminations": 100}, 422, "max_terminations"),
        ({"max_terminations": "2"}, 422, "max_terminations"),
        ({"max_terminations": 2.0}, 422, "max_terminations"),
        ({"max_terminations": True}, 422, "max_terminations"),
        ({"open": "yes"}, 422, "open"),
        ({"review_mode": "none"}, 422, "review_mode"),
        ({"contacts": [{"level": "all"}]}, 422, "contacts.0.phone"),
        ({"review_mode": "department_school"}, 409, "departments_without_account"),
        ({"cohort": current_cohort() - 2, "open": True}, 409, "cohort_closed"),
    ],
)
def test_refusals_say_what_and_where(api: LogIn, body: dict[str, Any], status: int, told: str) -> None:
    answer = _opened(api).put(SCHOOL, body)
    assert answer.status_code == status, answer.text
    refusal = answer.get_json()
    assert refusal["message"]
    assert told in (refusal["errors"] if status == 422 else {refusal["code"]})
    assert api("school10558").get(SCHOOL).get_json()["result"]["submitted_at"] is None


def test_missing_departments_are_listed(api: LogIn) -> None:
    refusal = _opened(api).put(SCHOOL, {"review_mode": "department_school"}).get_json()
    assert refusal["departments"]
    assert all(name in refusal["message"] for name in refusal["departments"])


@writes
def test_contact_is_set_once(api: LogIn) -> None:
    school = _opened(api)
    assert school.put(SCHOOL, {"contacts": [contact("undergraduate")]}).status_code == 200
    assert school.put(SCHOOL, {"contacts": [contact("undergraduate")]}).status_code == 200
    answer = school.put(SCHOOL, {"contacts": [contact("undergraduate", name="别人")]})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "contact_exists")
    assert school.put(SCHOOL, {"contacts": [contact("all")]}).status_code == 409
    added = school.put(SCHOOL, {"contacts": [contact("postgraduate", name="研究生经办")]}).get_json()["result"]
    assert {one["level"]: one["name"] for one in added["contacts"]} == {
        "undergraduate": "梁景行",
        "postgraduate": "研究生经办",
    }


@pytest.mark.parametrize("account", ["operator", "province11", "province44", "dept10001a", "employer1", "graduate1"])
def test_only_schools_set(api: LogIn, account: str) -> None:
    answer = api(account).put(SCHOOL, {"max_terminations": 9})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("account", "query", "status"),
    [
        ("dept10001a", "", 200),
        ("dept10001a", "?school=10001", 200),
        ("dept10001a", "?school=10002", 404),
        ("school10001", "?school=10002", 404),
        ("province11", "?school=10002", 200),
        ("province11", "?school=10284", 404),
        ("province11", "", 404),
        ("operator", "?school=10284", 200),
        ("operator", "?school=99999", 404),
        ("operator", "", 404),
        ("employer1", "?school=10001", 403),
        ("graduate1", "", 403),
    ],
)
def test_who_reads_the_settings(api: LogIn, account: str, query: str, status: int) -> None:
    answer = api(account).get(SCHOOL + query)
    assert answer.status_code == status, answer.text


@writes
def test_level_without_contact_cannot_be_invited_through_the_api(api: LogIn) -> None:
    from trial.demo.country import GRADUATES

    school = _opened(api)
    data = next(one for one in GRADUATES if one.school == "10558")
    search = {"name": data.name, "id_number": data.id_number, "school": "中山大学"}
    employer = api("employer1")
    favorite = employer.post("/favorites/", search)
    assert favorite.status_code == 201, favorite.text
    listed = school.get("/graduates/?q=(page_size:100)").get_json()["result"]
    graduate = next(row for row in listed if row["name"] == data.name)
    from tests.fixtures.pages import letter

    body = {"graduate_ids": [graduate["id"]], **letter()}
    refused = employer.post("/online_signing/", body)
    assert refused.status_code == 409
    assert refused.get_json()["result"]["refused"][0]["code"] == "school_not_open"
    school.put(SCHOOL, {"open": True})
    assert employer.post("/online_signing/", body).get_json()["result"]["refused"][0]["code"] == "no_contact"
    school.put(SCHOOL, {"contacts": [contact(graduate["level"])]})
    assert employer.post("/online_signing/", body).status_code == 201
    closing = school.put(SCHOOL, {"open": False})
    assert (closing.status_code, closing.get_json()["code"]) == (409, "cases_exist")
