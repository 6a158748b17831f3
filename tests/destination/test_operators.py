"""Operators change types and minimum wages without code; nobody else gets in; the row wins everywhere at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.codes import cache
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token

TYPE = "/staff/destination-types/change/46"
WAGES = "/staff/minimum-wages"


@pytest.fixture
def enter(app: Flask) -> Callable[[str], FlaskClient]:
    """A function that logs an account of the staff in."""

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        form = {"username": username, "password": PASSWORD}
        form["csrf_token"] = token(client.get("/login/school").text)
        assert client.post("/login/school", data=form).status_code == 302
        return client

    return log_in


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> Iterator[None]:
    """Each test finds the rows as they are shipped."""
    cache.forget()
    yield
    cache.forget()


def _form(client: FlaskClient, address: str, **changes: Any) -> dict[str, Any]:
    """The form as a browser would send it unchanged, with changes."""
    page = client.get(address).text
    sent: dict[str, Any] = {"csrf_token": token(page)}
    for tag in re.findall(r"<input[^>]*>", page.split('<form class="card" method="post"')[1]):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "name" in found and (found.get("type") != "checkbox" or " checked" in tag):
            sent[found["name"]] = found.get("value", "")
    return {name: value for name, value in {**sent, **changes}.items() if value is not None}


def _type(api: Callable[..., Any], code: str) -> dict[str, Any]:
    rows = api("graduate7").get("/dictionaries/destination_types").get_json()["result"]
    return next(one for one in rows if one["code"] == code)


def test_the_lists_are_there_for_operators_alone(enter: Callable[[str], FlaskClient]) -> None:
    operator = enter("operator")
    page = operator.get("/staff/destination-types/list/").text
    assert "应征义务兵" in page
    assert "预定兵通知书" in page
    assert operator.get(f"{WAGES}/list/").status_code == 200
    school = enter("school10001")
    for address in ("/staff/destination-types/list/", TYPE, f"{WAGES}/list/", f"{WAGES}/add"):
        assert school.get(address).status_code in (302, 403), address


def test_a_saved_type_holds_everywhere_at_once(enter: Callable[[str], FlaskClient], api: Callable[..., Any]) -> None:
    operator = enter("operator")
    before = _type(api, "46")
    sent = _form(
        operator,
        TYPE,
        **{
            "label": "应征入伍",
            "field-region-required": "1",
            "field-region-hint": "填写征兵办公室所在地",
            "proof-1-label": "户口注销证明",
            "proof-1-required": "1",
        },
    )
    assert operator.post(TYPE, data=sent).status_code == 302
    after = _type(api, "46")
    assert (after["label"], after["schema"]["required"]) == ("应征入伍", ["region"])
    assert after["schema"]["properties"]["region"]["description"] == "填写征兵办公室所在地"
    assert [(one["kind"], one["required"]) for one in after["proofs"]] == [
        ("enlistment_notice", True),
        ("paper_1", True),
    ]
    assert set(after["schema"]["properties"]) == set(before["schema"]["properties"])
    graduate = api("graduate7")
    number = graduate.post("/destination/", {"type": "46", "data": {}, "submit": False}).get_json()["id"]
    answer = graduate.post(f"/destination/{number}/submit").get_json()
    assert set(answer["errors"]) == {"data.region", "enlistment_notice", "paper_1"}


def test_a_paper_without_a_name_is_taken_away(enter: Callable[[str], FlaskClient], api: Callable[..., Any]) -> None:
    operator = enter("operator")
    assert operator.post(TYPE, data=_form(operator, TYPE, **{"proof-0-label": " "})).status_code == 302
    assert _type(api, "46")["proofs"] == []


def test_an_unchanged_form_changes_nothing(enter: Callable[[str], FlaskClient], api: Callable[..., Any]) -> None:
    operator = enter("operator")
    for code in ("11", "753", "85", "76"):
        address, before = TYPE.replace("46", code), _type(api, code)
        assert operator.post(address, data=_form(operator, address)).status_code == 302
        assert _type(api, code) == before


def test_what_is_wrong_is_told_at_the_field(enter: Callable[[str], FlaskClient], api: Callable[..., Any]) -> None:
    operator, before = enter("operator"), _type(api, "46")
    wrong = {
        "label": "",
        "position": "x",
        "valid_from": "2030-01-01",
        "valid_to": "2029-01-01",
        "field-region-label": "",
        "proof-0-label": "长" * 65,
    }
    answer = operator.post(TYPE, data=_form(operator, TYPE, **wrong))
    assert answer.status_code == 422
    for name in ("label", "position", "field-region-label", "proof-0-label"):
        assert f'id="f-{name}-error"' in answer.text, name
    assert _type(api, "46") == before
    answer = operator.post(TYPE, data=_form(operator, TYPE, valid_from="2030-01-01", valid_to="2029-01-01"))
    assert 'id="f-valid_to-error"' in answer.text
    assert operator.get(TYPE.replace("46", "99999")).status_code == 404


def test_an_ended_type_leaves_the_list(enter: Callable[[str], FlaskClient], api: Callable[..., Any]) -> None:
    operator = enter("operator")
    assert operator.post(TYPE, data=_form(operator, TYPE, valid_to="2020-01-01")).status_code == 302
    rows = api("graduate7").get("/dictionaries/destination_types").get_json()["result"]
    assert "46" not in {one["code"] for one in rows}


def test_a_minimum_wage_is_filled_in(enter: Callable[[str], FlaskClient], app: Flask) -> None:
    from app.destination.warnings import minimum_wage

    operator = enter("operator")
    page = operator.get(f"{WAGES}/add").text
    sent = {"csrf_token": token(page), "region": "110000", "monthly": "2540", "valid_from": "2025-09-01"}
    answer = operator.post(f"{WAGES}/add", data=sent)
    assert answer.status_code == 302, answer.text
    again = operator.post(f"{WAGES}/add", data=sent)
    assert again.status_code == 200
    with app.app_context():
        found = minimum_wage("110108")
        assert found is not None
        assert (found.region, found.monthly) == ("110000", 2540)
        assert minimum_wage("320106") is None
    assert operator.post(f"{WAGES}/add", data={**sent, "monthly": "-1", "valid_from": ""}).status_code == 200
