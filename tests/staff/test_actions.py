"""Unlocking accounts and ending their sessions from the list (R1.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token

ACCOUNTS = "/staff/accounts"


def _browser(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    csrf = token(client.get("/login/school").text)
    form = {"username": username, "password": PASSWORD, "csrf_token": csrf}
    assert client.post("/login/school", data=form).status_code == 302
    return client


@pytest.mark.parametrize(("who", "whom"), [("operator", "school10002"), ("province11", "school10002")])
def test_account_is_unlocked_and_logged_out(
    app: Flask, api: Callable[..., Any], account_id: Callable[[str], int], who: str, whom: str
) -> None:
    manager, caller, account = _browser(app, who), api(whom), account_id(whom)
    stranger = app.test_client()
    body = {"username": whom, "password": "wrong", "provider": "db"}
    for _try in range(6):
        last = stranger.post("/api/v1/security/login", json=body)
    assert last.status_code == 429
    csrf = {"csrf_token": token(manager.get(f"{ACCOUNTS}/show/{account}").text)}
    assert manager.post(f"{ACCOUNTS}/action/unlock/{account}", data=csrf).status_code == 302
    assert stranger.post("/api/v1/security/login", json={**body, "password": PASSWORD}).status_code == 200
    assert caller.get("/online_signing/").status_code == 200
    assert manager.post(f"{ACCOUNTS}/action/end_sessions/{account}", data=csrf).status_code == 302
    assert caller.get("/online_signing/").status_code == 401


@pytest.mark.parametrize(
    ("who", "whom", "status"),
    [
        ("province11", "school10284", 404),
        ("province11", "dept10001a", 403),
        ("province11", "province11", 403),
        ("school10001", "school10002", 404),
        ("school10001", "school10001", 403),
    ],
)
def test_nobody_else_does(app: Flask, account_id: Callable[[str], int], who: str, whom: str, status: int) -> None:
    manager, account = _browser(app, who), account_id(whom)
    csrf = {"csrf_token": token(manager.get(f"{ACCOUNTS}/list/").text)}
    for name in ("unlock", "end_sessions"):
        assert manager.post(f"{ACCOUNTS}/action/{name}/{account}", data=csrf).status_code == status
        many = {**csrf, "action": name, "rowid": [account]}
        assert manager.post(f"{ACCOUNTS}/action_post", data=many).status_code == status
    assert (
        manager.post(f"{ACCOUNTS}/password/{account}", data={**csrf, "password": "Xk9!mmpq27z"}).status_code == status
    )
    for path in ("show", "change"):
        answer = manager.get(f"{ACCOUNTS}/{path}/{account}").status_code
        assert answer == (200 if path == "show" and status == 403 else status)
    assert manager.post(f"{ACCOUNTS}/change/{account}", data={**csrf, "name": "甲"}).status_code == status


def test_accounts_are_found(app: Flask) -> None:
    operator = _browser(app, "operator")
    assert "school10001" in operator.get(f"{ACCOUNTS}/list/?_flt_0_username=school10001").text
    page = operator.get(f"{ACCOUNTS}/list/?_flt_0_kind=province").text
    assert "province11" in page
    assert "school10001" not in page
    assert "dept10001a" in operator.get(f"{ACCOUNTS}/list/?_flt_0_place=北京大学").text
    assert "school10284" not in operator.get(f"{ACCOUNTS}/list/?_flt_0_place=北京大学").text


@pytest.mark.parametrize(
    ("who", "kind", "status"),
    [
        ("operator", "operator", 200),
        ("operator", "graduate", 404),
        ("province11", "school", 200),
        ("province11", "department", 403),
        ("school10001", "department", 200),
        ("school10001", "school", 403),
        ("dept10001a", "department", 403),
    ],
)
def test_form_of_a_new_account_opens_for_the_level_above(app: Flask, who: str, kind: str, status: int) -> None:
    client = _browser(app, who)
    assert client.get(f"{ACCOUNTS}/create/{kind}").status_code == status
    csrf = token(client.get("/no/such/page").text)
    posted = client.post(f"{ACCOUNTS}/create/{kind}", data={"csrf_token": csrf}).status_code
    assert posted == (422 if status == 200 else status)
