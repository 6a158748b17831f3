"""The role matrix on the operators' screens: seen, changed after a confirmation, compared; nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token

ROLES = "/staff/roles"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test begins with the roles as they are first given."""


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    """An operator's browser."""
    form = {"username": "operator", "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
    assert client.post("/login/school", data=form).status_code == 302
    return client


def _role_id(app: Flask, name: str) -> int:
    from app.base.database import session

    with app.app_context():
        return int(session.execute(text("SELECT id FROM ab_role WHERE name = :n"), {"n": name}).scalar_one())


def _matrix(page: str) -> dict[str, Any]:
    """The form of the matrix as a browser would send it."""
    boxes = re.findall(r'<input type="checkbox" name="grant" value="([^"]+)"[^>]*?( checked)?>', page)
    hidden = page[page.index("/staff/roles/save") :]
    return {
        "csrf_token": token(page),
        "roles": re.findall(r'type="hidden" name="roles" value="(\d+)"', hidden),
        "grant": [value for value, on in boxes if on],
    }


def _confirmed(page: str) -> dict[str, Any]:
    """The form of the confirmation."""
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    return {
        "csrf_token": token(page),
        "seen": seen[1],
        "change": re.findall(r'name="change" value="([^"]+)"', page),
    }


def test_matrix_is_in_chinese(operator: FlaskClient) -> None:
    page = operator.get(f"{ROLES}/list/").text
    for name in ("省级用户", "院系用户", "用人单位用户", "毕业生用户", "审核通过", "查看列表"):
        assert name in page
    shown = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])
    assert not re.search(r"\bcan_\w+|online_signing|menu_access", shown)


def test_change_holds_after_its_confirmation_only(
    app: Flask, operator: FlaskClient, actor_of: Callable[[str], Any]
) -> None:
    school = _role_id(app, "School")
    form = _matrix(operator.get(f"{ROLES}/list/").text)
    void = f"{school}:can_void@online_signing"
    assert void in form["grant"]
    form["grant"].remove(void)
    answer = operator.post(f"{ROLES}/save", data=form)
    assert answer.status_code == 200
    confirmed = _confirmed(answer.text)
    assert confirmed["change"] == [f"0:{void}"]
    assert "作废" in answer.text
    assert actor_of("school10001").may("can_void", "online_signing")
    assert operator.post(f"{ROLES}/apply", data=confirmed).status_code == 302
    school_actor = actor_of("school10001")
    assert not school_actor.may("can_void", "online_signing")
    assert school_actor.may("can_approve", "online_signing")
    assert "作废" in operator.get(f"{ROLES}/history").text
    again = operator.post(f"{ROLES}/apply", data=confirmed)  # the page before, sent once more
    assert "其他人" in operator.get(again.headers["Location"]).text


def test_saving_what_is_there_changes_nothing(operator: FlaskClient) -> None:
    for address in (f"{ROLES}/list/", f"{ROLES}/list/?roles=2&roles=3"):
        answer = operator.post(f"{ROLES}/save", data=_matrix(operator.get(address).text))
        assert answer.status_code == 302


def test_roles_not_shown_are_not_touched(app: Flask, operator: FlaskClient) -> None:
    school = _role_id(app, "School")
    form = _matrix(operator.get(f"{ROLES}/list/?roles={school}").text)
    assert form["roles"] == [str(school)]
    confirmed = _confirmed(operator.post(f"{ROLES}/save", data={**form, "grant": []}).text)
    assert {change.split(":")[1] for change in confirmed["change"]} == {str(school)}


def test_operators_cannot_lock_themselves_out(app: Flask, operator: FlaskClient) -> None:
    form = _matrix(operator.get(f"{ROLES}/list/?roles={_role_id(app, 'Operator')}").text)
    answer = operator.post(f"{ROLES}/save", data={**form, "grant": []})
    operator.post(f"{ROLES}/apply", data=_confirmed(answer.text))
    page = operator.get(f"{ROLES}/list/")
    assert page.status_code == 200
    assert "必须保留" in page.text


def test_role_is_copied_assigned_compared_and_removed(app: Flask, operator: FlaskClient) -> None:
    school = _role_id(app, "School")
    csrf = token(operator.get(f"{ROLES}/create?like={school}").text)
    assert operator.post(f"{ROLES}/create", data={"csrf_token": csrf, "name": "x", "like": school}).status_code == 422
    made = operator.post(f"{ROLES}/create", data={"csrf_token": csrf, "name": "学校查询岗", "like": school})
    assert made.status_code == 302
    copy = _role_id(app, "学校查询岗")
    assert "权限相同" in operator.get(f"{ROLES}/compare?a={school}&b={copy}").text
    form = _matrix(operator.get(f"{ROLES}/list/?roles={copy}").text)
    form["grant"] = [value for value in form["grant"] if "can_void@online_signing" not in value]
    operator.post(f"{ROLES}/apply", data=_confirmed(operator.post(f"{ROLES}/save", data=form).text))
    page = operator.get(f"{ROLES}/compare?a={school}&b={copy}").text
    assert "1 项" in page
    assert "作废" in page
    with app.app_context():
        from app.access.accounts import account_named

        account = account_named("school10002")
    assert account is not None
    answer = operator.post(f"{ROLES}/assign/{account.id}", data={"csrf_token": csrf, "roles": [copy]})
    assert answer.status_code == 302
    assert operator.post(f"{ROLES}/assign/{account.id}", data={"csrf_token": csrf}).status_code == 422
    operator.post(f"{ROLES}/remove/{copy}", data={"csrf_token": csrf})
    assert _role_id(app, "学校查询岗") == copy  # somebody has it
    operator.post(f"{ROLES}/assign/{account.id}", data={"csrf_token": csrf, "roles": [school]})
    operator.post(f"{ROLES}/remove/{copy}", data={"csrf_token": csrf})
    assert "学校查询岗" not in operator.get(f"{ROLES}/list/").text


def test_shipped_role_is_restored_after_a_confirmation(
    app: Flask, operator: FlaskClient, actor_of: Callable[[str], Any]
) -> None:
    school = _role_id(app, "School")
    page = operator.get(f"{ROLES}/list/?roles={school}").text
    form = {**_matrix(page), "grant": []}
    operator.post(f"{ROLES}/apply", data=_confirmed(operator.post(f"{ROLES}/save", data=form).text))
    assert actor_of("school10001").permissions == frozenset()
    answer = operator.post(f"{ROLES}/restore/{school}", data={"csrf_token": form["csrf_token"]})
    operator.post(f"{ROLES}/apply", data=_confirmed(answer.text))
    assert actor_of("school10001").may("can_void", "online_signing")


@pytest.mark.parametrize(
    "data",
    [
        {"roles": ["x"]},
        {"roles": ["999999"]},
        {"change": ["1:2:can_fly@moon"], "seen": "x"},
        {"change": ["2"], "seen": "x"},
        {"change": ["7:1:can_list@roles"], "seen": "x"},
        {"change": ["1:x:can_list@roles"], "seen": "x"},
    ],
)
def test_odd_forms_are_refused(operator: FlaskClient, data: dict[str, Any]) -> None:
    csrf = token(operator.get(f"{ROLES}/list/").text)
    path = "save" if "roles" in data else "apply"
    assert operator.post(f"{ROLES}/{path}", data={"csrf_token": csrf, **data}).status_code == 404


@pytest.mark.parametrize("address", ["list/?roles=x", "compare?a=1&b=x", "compare?a=99999&b=1", "assign/999999"])
def test_odd_addresses_are_not_found(operator: FlaskClient, address: str) -> None:
    assert operator.get(f"{ROLES}/{address}").status_code == 404


@pytest.mark.parametrize(
    ("account", "door"),
    [("school10001", "school"), ("province11", "school"), ("dept10001a", "school"), ("employer1", "employer")],
)
def test_others_have_no_access(app: Flask, account: str, door: str) -> None:
    client = app.test_client()
    csrf = token(client.get(f"/login/{door}").text)
    client.post(f"/login/{door}", data={"username": account, "password": PASSWORD, "csrf_token": csrf})
    for path in ("list/", "compare", "history", "create", "assign/1"):
        assert client.get(f"{ROLES}/{path}").status_code == 403
    csrf = token(client.get("/no/such/page").text)
    for path in ("save", "apply", "create", "restore/1", "remove/1", "assign/1"):
        assert client.post(f"{ROLES}/{path}", data={"csrf_token": csrf}).status_code == 403
