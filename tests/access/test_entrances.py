"""The start page, the three entrances and the sessions behind them (R1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.base import clock
from tests.fixtures.application import PASSWORD


def _token(client: FlaskClient, path: str = "/login/school") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def _log_in(client: FlaskClient, username: str, door: str, **more: str) -> Any:
    form = {"username": username, "password": PASSWORD, "csrf_token": _token(client), **more}
    return client.post(f"/login/{door}", data=form)


def test_start_page_offers_three_entrances(client: FlaskClient) -> None:
    page = client.get("/").text
    for door in ("employer", "school", "graduate"):
        assert f'href="/login/{door}"' in page


@pytest.mark.parametrize(
    ("username", "door", "home"),
    [
        ("employer1", "employer", "/employer/"),
        ("graduate1", "graduate", "/graduate/"),
        ("school10001", "school", "/staff/"),
        ("dept10001a", "school", "/staff/"),
        ("province11", "school", "/staff/"),
        ("operator", "school", "/staff/"),
    ],
)
def test_each_entrance_leads_to_the_own_workplace(client: FlaskClient, username: str, door: str, home: str) -> None:
    assert _log_in(client, username, door).headers["Location"] == home
    assert client.get("/").headers["Location"] == home


@pytest.mark.parametrize(
    ("username", "door", "right"), [("graduate1", "school", "graduate"), ("employer1", "graduate", "employer")]
)
def test_wrong_entrance_is_told_and_lets_nobody_in(client: FlaskClient, username: str, door: str, right: str) -> None:
    answer = _log_in(client, username, door)
    assert answer.status_code == 403
    assert f'href="/login/{right}"' in answer.text
    assert client.get("/").status_code == 200  # still the start page: not logged in


def test_wrong_password_says_nothing_about_the_name(client: FlaskClient) -> None:
    pages = []
    for username in ("employer2", "no-such-user"):
        form = {"username": username, "password": "wrong", "csrf_token": _token(client)}
        answer = client.post("/login/employer", data=form)
        assert answer.status_code == 401
        page = re.sub(r'(value|content|nonce|hx-headers)="[^"]*"|X-CSRFToken": "[^"]*"', "", answer.text)
        pages.append(page.replace(username, ""))
    strip = re.compile(r"nonce-[^']+|\"[A-Za-z0-9_.-]{40,}\"|'[^']*X-CSRFToken[^']*'")
    assert strip.sub("", pages[0]) == strip.sub("", pages[1])


def test_empty_form_is_marked(client: FlaskClient) -> None:
    answer = client.post("/login/school", data={"csrf_token": _token(client)})
    assert answer.status_code == 422
    assert "aria-invalid" in answer.text


def test_log_in_needs_the_token_of_the_page(client: FlaskClient) -> None:
    assert client.post("/login/school", data={"username": "school10001", "password": PASSWORD}).status_code == 400


def test_unknown_entrance_is_not_found(client: FlaskClient) -> None:
    assert client.get("/login/nobody").status_code == 404


def test_fabs_own_log_in_leads_to_the_start(client: FlaskClient) -> None:
    assert client.get("/login/?next=/staff/x").headers["Location"] == "/?next=/staff/x"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/employer/signings?state=invited", "/employer/signings?state=invited"),
        ("/staff/list/", "/employer/"),
        ("/messages/7?door=employer", "/messages/7?door=employer"),
        ("/messages/7?door=graduate", "/employer/"),
        ("https://evil.example/", "/employer/"),
        ("//evil.example/", "/employer/"),
        ("/\\evil.example/", "/employer/"),
        ("javascript:alert(1)", "/employer/"),
        ("", "/employer/"),
    ],
)
def test_after_log_in_one_goes_where_one_wanted(client: FlaskClient, wanted: str, got: str) -> None:
    assert _log_in(client, "employer1", "employer", next=wanted).headers["Location"] == got


def test_log_in_changes_the_session(client: FlaskClient, app: Flask) -> None:
    """A session id that somebody planted before the log-in is worth nothing after it."""
    _log_in(client, "employer1", "employer")
    with client.session_transaction() as kept:
        planted = kept["sid"]
    _log_in(client, "employer1", "employer")
    with client.session_transaction() as kept:
        assert kept["sid"] != planted
        kept["sid"] = planted
    assert client.get("/employer/").status_code == 302


def test_log_out_ends_the_session_on_the_server(client: FlaskClient) -> None:
    _log_in(client, "employer1", "employer")
    with client.session_transaction() as kept:
        token = kept["sid"]
    assert client.get("/logout").status_code == 405
    form = {"csrf_token": _token(client, "/employer/favorites")}
    assert client.post("/logout", data=form).headers["Location"] == "/"
    with client.session_transaction() as kept:
        kept["sid"] = token
    assert client.get("/employer/").status_code == 302


def test_idle_session_ends(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _log_in(client, "employer1", "employer")
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=29))
    assert client.get("/employer/").status_code == 200  # and from here the half hour begins anew
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=58))
    assert client.get("/employer/").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=90))
    assert client.get("/employer/").status_code == 302


def test_session_ends_after_half_a_day_even_in_use(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _log_in(client, "employer1", "employer")
    real = clock.now
    for minutes in range(20, 12 * 60, 20):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: real() + timedelta(minutes=minutes))
        assert client.get("/employer/favorites").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=12))
    assert client.get("/employer/favorites").status_code == 302


def test_switched_off_account_is_out_at_once(app: Flask, client: FlaskClient, api: Callable[..., Any]) -> None:
    from app.base.database import session

    _log_in(client, "employer2", "employer")
    caller = api("employer2")
    assert caller.get("/online_signing/").status_code == 200
    with app.app_context():
        session.execute(text("UPDATE ab_user SET active = false WHERE username = 'employer2'"))
        session.commit()
    assert client.get("/employer/").status_code == 302
    assert caller.get("/online_signing/").status_code == 401


def test_all_sessions_of_a_user_can_be_ended(app: Flask, client: FlaskClient, api: Callable[..., Any]) -> None:
    from app.access import sessions
    from app.base.database import session

    _log_in(client, "graduate3", "graduate")
    caller = api("graduate3")
    assert caller.get("/online_signing/").status_code == 200
    with app.app_context():
        user_id = session.execute(text("SELECT id FROM ab_user WHERE username = 'graduate3'")).scalar_one()
        assert sessions.end_sessions_of(user_id) == 2
    assert client.get("/graduate/").status_code == 302
    assert caller.get("/online_signing/").status_code == 401


def test_cookie_of_the_browser_is_nothing_to_the_api(client: FlaskClient) -> None:
    _log_in(client, "employer1", "employer")
    assert client.get("/api/v1/online_signing/").status_code == 401


def test_token_of_the_api_is_nothing_to_the_pages(client: FlaskClient, api: Callable[..., Any]) -> None:
    assert client.get("/employer/", headers=api("employer1").headers).status_code == 302


def test_token_is_not_stored(app: Flask, client: FlaskClient) -> None:
    from app.base.database import session

    _log_in(client, "employer1", "employer")
    with client.session_transaction() as kept:
        token = kept["sid"]
    with app.app_context():
        rows = session.execute(text("SELECT token_hash FROM login_sessions")).scalars()
        assert all(token.encode() not in bytes(row) for row in rows)


def test_name_is_shown_in_chinese_order(client: FlaskClient) -> None:
    from app.fab.security import Reader

    assert Reader(1, "operator", "管理员").get_full_name() == "管理员"


def test_expired_sessions_are_removed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.access import sessions
    from app.base.database import session

    with app.app_context():
        user_id = session.execute(text("SELECT id FROM ab_user LIMIT 1")).scalar_one()
        sessions.open_session(user_id, door="api", ip=None, lifetime=timedelta(seconds=-1))
        lasting = sessions.open_session(user_id, door="api", ip=None, lifetime=timedelta(hours=1))
        assert sessions.forget_old_sessions() == 1
        assert sessions.user_of(lasting) == user_id
