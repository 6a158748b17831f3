"""Refusals become answers in the one shape, pages for browsers, and never a trace."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import sessions
from app.base.database import transaction
from app.web.pages import page_of_form
from tests.guards.walk import Caller, Column

Api = Callable[..., Any]


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/api/v1/nope", {}, 404, "not_found"),
        ("GET", "/api/nope", {}, 404, "not_found"),
        ("PATCH", "/api/v1/online_signing/", {}, 405, "method_not_allowed"),
        ("GET", "/api/v1/online_signing/", {}, 401, "unauthenticated"),
        ("GET", "/api/v1/online_signing/1", {"headers": {"Authorization": "Bearer x.y.z"}}, 401, "unauthenticated"),
        ("GET", "/api/v1/online_signing/1", {"headers": {"Authorization": "Basic eDp5"}}, 401, "unauthenticated"),
        ("GET", "/api/v1/online_signing/abc", {}, 404, "not_found"),
        ("POST", "/api/v1/online_signing/", {"data": "{", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/api/v1/online_signing/", {"data": "a=1", "content_type": "text/plain"}, 415, "unsupported_media"),
        ("GET", "/api/v1/online_signing/?q=(((", {}, 400, "malformed"),
    ],
)
def test_api_answers_in_one_shape(
    client: FlaskClient, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = client.open(path, method=method, **options)
    assert answer.status_code == status
    body = answer.get_json()
    assert set(body) == {"message", "code", "errors"}
    assert body["code"] == code
    assert any("一" <= sign <= "鿿" for sign in body["message"])
    assert "Set-Cookie" not in answer.headers


def test_method_not_allowed_names_the_allowed_ones(client: FlaskClient) -> None:
    assert "GET" in client.patch("/api/v1/online_signing/").headers["Allow"]


def test_every_form_of_the_desks_belongs_to_a_page(plain_app: Flask) -> None:
    """Whoever comes to its address without the form, by the address bar or another cohort, is led there."""
    rules = [
        one for one in plain_app.url_map.iter_rules() if one.rule.startswith(("/staff/", "/employer/", "/graduate/"))
    ]
    pages = {one.rule for one in rules if "GET" in (one.methods or ())}
    with plain_app.test_request_context("/"):
        for rule in {one.rule for one in rules} - pages:
            assert page_of_form(re.sub(r"<[^>]+>", "1", rule)) is not None, rule
        assert page_of_form("/staff/online-signings/decide/7/approve") == "/staff/online-signings/show/7"
        assert page_of_form("/staff/exchange/7/answers") == "/staff/exchange/"
        assert page_of_form("/employer/named/destination/7") == "/employer/named"
        assert page_of_form("/staff/dispatches/sheet/send") == "/staff/dispatches/sheet/send"
        assert page_of_form("/logout") is None
        assert page_of_form("//evil.example/\x00") is None


def test_too_large_body_is_refused(app: Flask, api: Api) -> None:
    body = b'{"x": "' + b"a" * (13 * 1024 * 1024) + b'"}'
    answer = api("employer1").call("POST", "/online_signing/", data=body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["code"] == "too_large"


def test_unexpected_error_tells_nothing(plain_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.web import gate

    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(gate.payload, "check", broken)
    answer = plain_app.test_client().get("/api/v1/online_signing/")
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "internal"
    assert "secret" not in answer.text


@pytest.mark.parametrize("error", ["redis", "database"])
def test_missing_service_is_told_as_such(plain_app: Flask, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    from redis.exceptions import ConnectionError as RedisDown
    from sqlalchemy.exc import OperationalError

    from app.web import gate

    def broken() -> None:
        raise RedisDown("x") if error == "redis" else OperationalError("x", {}, Exception("x"))

    monkeypatch.setattr(gate.payload, "check", broken)
    answer = plain_app.test_client().get("/api/v1/online_signing/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_browser_gets_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "<h1" in answer.text


def test_headers_guard_every_page(client: FlaskClient) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert policy != second.headers["Content-Security-Policy"]
    for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert first.headers[name]
    assert first.headers["Cache-Control"] == "no-store"


def test_production_speaks_tls_only(change_settings: Callable[..., None]) -> None:
    from app.web import headers

    flask = Flask(__name__)
    change_settings(app_env="production", trusted_proxies=0)
    headers.register(flask)
    assert "Strict-Transport-Security" in flask.test_client().get("/").headers


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.7")])
def test_address_of_the_caller_is_told_by_our_own_proxies_only(
    proxies: int, address: str, change_settings: Callable[..., None]
) -> None:
    from flask import request

    from app.web import headers

    flask = Flask(__name__)
    change_settings(trusted_proxies=proxies)
    headers.register(flask)
    flask.add_url_rule("/", "who", lambda: str(request.remote_addr))
    forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    assert flask.test_client().get("/", headers=forged).text == address


@pytest.mark.parametrize(
    ("proxies", "chain", "warned"),
    [
        (0, None, False),
        (0, "203.0.113.9", True),  # there is a proxy that nobody has told of
        (1, "203.0.113.9", False),
        (1, "198.51.100.7, 203.0.113.9", False),  # what the caller had sent, with the proxy's own behind it
        (1, None, True),  # the proxy does not say who calls
        (2, "203.0.113.9", True),
    ],
)
def test_a_chain_that_looks_wrong_is_told_once(
    proxies: int,
    chain: str | None,
    warned: bool,
    change_settings: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    from app.web import headers

    flask = Flask(__name__)
    change_settings(trusted_proxies=proxies)
    headers.register(flask)
    for _again in range(3):
        flask.test_client().get("/", headers={"X-Forwarded-For": chain} if chain else {})
    assert [record.levelname for record in caplog.records] == (["WARNING"] if warned else [])


def test_no_other_word_of_a_proxy_is_believed(change_settings: Callable[..., None]) -> None:
    """The host is the one that was asked for; the proxy passes it on."""
    from flask import request

    from app.web import headers

    flask = Flask(__name__)
    change_settings(trusted_proxies=1)
    headers.register(flask)
    flask.add_url_rule("/", "where", lambda: f"{request.host_url} {request.script_root}")
    told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/x", "X-Forwarded-Port": "8"}
    assert flask.test_client().get("/", headers=told | forged).text == "https://localhost/ "


def test_description_can_be_read_in_the_browser(client: FlaskClient) -> None:
    assert client.get("/swagger/v1").status_code == 200


def test_whoever_is_led_to_the_log_in_is_told_why(app: Flask) -> None:
    """Once, and only who had been logged in."""
    caller = Caller(app, Column("graduate", "graduate1"))
    stranger = app.test_client()
    stranger.get("/graduate/")
    assert "登录已过期" not in stranger.get("/login/graduate").text
    with app.app_context(), transaction():
        sessions.end_sessions_of(caller.user_id)
    assert caller.client.get("/graduate/").status_code == 302
    assert "登录已过期" in caller.client.get("/login/graduate").text
    assert "登录已过期" not in caller.client.get("/login/graduate").text


def test_a_long_form_asks_whether_the_session_holds(app: Flask, client: FlaskClient) -> None:
    caller = Caller(app, Column("employer", "employer1"))
    answer = caller.client.get("/session").get_json()
    assert answer["account"] == "employer1"
    assert len(answer["token"]) > 40
    assert client.get("/session").status_code == 302


@pytest.mark.parametrize("host", ["a" * 300, "\xe9", "-", "a..b"])
def test_a_host_that_cannot_be_read_is_answered(client: FlaskClient, host: str) -> None:
    """Also where the page would have led to the log-in, for which there is no address."""
    for path in ("/", "/graduate/", "/staff/list", "/api/v1/me", "/api/v1/online_signing/", "/no/such/page"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code < 500, path
