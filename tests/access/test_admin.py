"""Roles and accounts on the operators' screens: the matrix is edited there, nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.fixtures.application import PASSWORD

ROLES, ACCOUNTS = "/staff/roles", "/staff/accounts"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test begins with the roles as they are first given."""


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    """An operator's browser."""
    form = {"username": "operator", "password": PASSWORD, "csrf_token": _token(client.get("/login/school").text)}
    assert client.post("/login/school", data=form).status_code == 302
    return client


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def _role_id(app: Flask, name: str) -> int:
    from app.database import session

    with app.app_context():
        return int(session.execute(text("SELECT id FROM ab_role WHERE name = :n"), {"n": name}).scalar_one())


def _boxes(page: str) -> tuple[set[str], set[str]]:
    """(all, ticked) values of the matrix."""
    inputs = re.findall(r'<input type="checkbox" name="permissions" value="(\d+)"( checked)?', page)
    return {value for value, _on in inputs}, {value for value, on in inputs if on}


def test_roles_are_listed_in_chinese(operator: FlaskClient) -> None:
    page = operator.get(f"{ROLES}/list/").text
    for name in ("省级用户", "院系用户", "用人单位用户", "毕业生用户"):
        assert name in page


def test_permission_is_taken_from_a_role_in_the_matrix(
    app: Flask, operator: FlaskClient, actor_of: Callable[[str], Any]
) -> None:
    role = _role_id(app, "School")
    page = operator.get(f"{ROLES}/edit/{role}").text
    assert "online_signing" not in page  # its name is told in Chinese
    _every, ticked = _boxes(page)
    from app.database import session

    with app.app_context():
        query = text(
            "SELECT pv.id FROM ab_permission_view pv JOIN ab_permission p ON p.id = pv.permission_id"
            " JOIN ab_view_menu v ON v.id = pv.view_menu_id WHERE p.name = 'can_void' AND v.name = 'online_signing'"
        )
        void = str(session.execute(query).scalar_one())
    assert void in ticked
    assert actor_of("school10001").may("can_void", "online_signing")
    form = {"csrf_token": _token(page), "permissions": sorted(ticked - {void})}
    assert operator.post(f"{ROLES}/edit/{role}", data=form).status_code == 302
    school = actor_of("school10001")
    assert not school.may("can_void", "online_signing")
    assert school.may("can_approve", "online_signing")
    with app.app_context():
        line = session.execute(text("SELECT actor, action, subject FROM audit_lines ORDER BY id DESC LIMIT 1")).one()
    assert tuple(line) == ("operator", "role", "School")


def test_operators_cannot_lock_themselves_out(app: Flask, operator: FlaskClient) -> None:
    role = _role_id(app, "Operator")
    page = operator.get(f"{ROLES}/edit/{role}").text
    operator.post(f"{ROLES}/edit/{role}", data={"csrf_token": _token(page)})
    assert operator.get(f"{ROLES}/list/").status_code == 200
    assert _boxes(operator.get(f"{ROLES}/edit/{role}").text)[1]


def test_account_is_unlocked_and_logged_out(app: Flask, operator: FlaskClient, api: Callable[..., Any]) -> None:
    from app.database import session

    caller = api("school10002")
    with app.app_context():
        query = text("SELECT a.id FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE u.username = 'school10002'")
        account = session.execute(query).scalar_one()
    browser = app.test_client()
    body = {"username": "school10002", "password": "wrong", "provider": "db"}
    for _try in range(6):
        last = browser.post("/api/v1/security/login", json=body)
    assert last.status_code == 429
    token = _token(operator.get(f"{ACCOUNTS}/show/{account}").text)
    assert operator.post(f"{ACCOUNTS}/action/unlock/{account}", data={"csrf_token": token}).status_code == 302
    assert browser.post("/api/v1/security/login", json={**body, "password": PASSWORD}).status_code == 200
    assert caller.get("/online_signing/").status_code == 200
    assert operator.post(f"{ACCOUNTS}/action/end_sessions/{account}", data={"csrf_token": token}).status_code == 302
    assert caller.get("/online_signing/").status_code == 401


def test_accounts_are_found_by_name(operator: FlaskClient) -> None:
    assert "school10001" in operator.get(f"{ACCOUNTS}/list/?_flt_0_username=school10001").text
    page = operator.get(f"{ACCOUNTS}/list/?_flt_0_kind=province").text
    assert "province11" in page
    assert "school10001" not in page


@pytest.mark.parametrize("account", ["school10001", "province11", "dept10001a"])
def test_others_have_no_access(app: Flask, account: str) -> None:
    client = app.test_client()
    form = {"username": account, "password": PASSWORD, "csrf_token": _token(client.get("/login/school").text)}
    client.post("/login/school", data=form)
    for path in (f"{ROLES}/list/", f"{ROLES}/edit/1"):
        assert client.get(path).status_code == 403
