"""The second factor of staff: set up, asked for at both doors, used once, demanded in production (R1.1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.base.database import session
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.fixtures.servers import Servers

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh(app_context: Flask, servers: Servers) -> Any:
    with servers.valkey.connect() as client:
        client.flushall()
    yield
    session.execute(text("DELETE FROM second_factors"))
    session.commit()


def _set_up(api: Api, who: str = "school10001") -> tuple[pyotp.TOTP, list[str]]:
    made = api(who).post("/me/totp").get_json()["result"]
    assert made["uri"].startswith("otpauth://totp/")
    assert made["secret"] in made["uri"]
    totp = pyotp.TOTP(made["secret"])
    answer = api(who).post("/me/totp/confirm", {"code": totp.now()})
    assert answer.status_code == 200, answer.text
    return totp, answer.get_json()["result"]["recovery_codes"]


def _log_in(client: FlaskClient, who: str = "school10001", **more: Any) -> Any:
    return client.post("/api/v1/security/login", json={"username": who, "password": PASSWORD, "provider": "db", **more})


@pytest.mark.parametrize("who", ["operator", "province11", "school10001", "dept10001a"])
def test_each_kind_of_staff_logs_in_with_a_code(api: Api, client: FlaskClient, who: str) -> None:
    assert _log_in(client, who).status_code == 200
    totp, codes = _set_up(api, who)
    assert len(set(codes)) == 10
    for otp, code in ((None, "otp_required"), ("", "otp_required"), ("000000", "otp_wrong"), ("x", "otp_wrong")):
        answer = _log_in(client, who, otp=otp)
        assert (answer.status_code, answer.get_json()["code"]) == (401, code)
    now = totp.now()
    assert _log_in(client, who, otp=now).status_code == 200
    assert _log_in(client, who, otp=now).get_json()["code"] == "otp_wrong"  # each code once
    assert _log_in(client, who, otp=totp.at(int(time.time()) + 30)).status_code == 200


def test_recovery_code_replaces_the_app_once(api: Api, client: FlaskClient) -> None:
    _totp, codes = _set_up(api)
    assert _log_in(client, otp=f" {codes[0].upper()} ").status_code == 200
    assert _log_in(client, otp=codes[0]).get_json()["code"] == "otp_wrong"
    assert _log_in(client, otp=codes[1]).status_code == 200


def test_wrong_codes_count_as_failures(api: Api, client: FlaskClient) -> None:
    _set_up(api)
    answers = [_log_in(client, otp="000000").status_code for _try in range(7)]
    assert answers == [401] * 5 + [429] * 2


def test_it_is_switched_off_with_a_code_and_not_without(api: Api, client: FlaskClient) -> None:
    _totp, codes = _set_up(api)
    own = api("school10001")
    for wrong in ("000000", "", None, 1):
        assert own.delete("/me/totp", json={"code": wrong}).status_code == 422
    assert own.delete("/me/totp", json={"code": codes[3]}).status_code == 200
    assert own.delete("/me/totp", json={"code": codes[4]}).status_code == 409
    assert _log_in(client).status_code == 200


def test_level_above_switches_it_off_with_a_new_password(
    api: Api, client: FlaskClient, actor_of: Callable[[str], Any]
) -> None:
    from app.access.accounts import account_named
    from app.staff.services import reset_password

    _set_up(api, "dept10001a")
    account = account_named("dept10001a")
    assert account is not None
    reset_password(account.id, PASSWORD, actor=actor_of("school10001"))
    assert _log_in(client, "dept10001a").status_code == 200


def test_secret_is_not_readable_in_the_database(api: Api) -> None:
    secret = api("school10001").post("/me/totp").get_json()["result"]["secret"]
    kept = session.scalar(text("SELECT secret FROM second_factors"))
    assert secret.encode() not in bytes(kept)


@pytest.mark.parametrize("who", ["graduate1", "employer1"])
def test_it_is_for_staff(api: Api, who: str) -> None:
    assert api(who).post("/me/totp").status_code == 403


def test_where_it_is_demanded_nothing_else_works_before(api: Api, change_settings: Callable[..., None]) -> None:
    own, graduate = api("school10001"), api("graduate1")
    change_settings(second_factor_required=True)
    answer = own.get("/graduates/")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "second_factor_required")
    assert own.get("/me").status_code == 200
    assert graduate.get("/notifications/").status_code == 200
    _set_up(api)
    assert own.get("/graduates/").status_code == 200


def test_browser_asks_for_the_code_after_the_password(app: Flask, api: Api) -> None:
    totp, _codes = _set_up(api)
    browser = app.test_client()
    assert browser.get("/login/school/code").headers["Location"] == "/login/school"
    csrf = token(browser.get("/login/school?next=/staff/messages").text)
    form = {"username": "school10001", "password": PASSWORD, "csrf_token": csrf, "next": "/staff/messages"}
    assert browser.post("/login/school", data=form).headers["Location"] == "/login/school/code"
    assert browser.get("/staff/messages").status_code == 302
    page = browser.get("/login/school/code").text
    assert 'autocomplete="one-time-code"' in page
    assert browser.post("/login/school/code", data={"csrf_token": token(page), "otp": "000000"}).status_code == 401
    done = browser.post("/login/school/code", data={"csrf_token": token(page), "otp": totp.now()})
    assert done.headers["Location"] == "/staff/messages"
    assert browser.get("/staff/messages").status_code == 200


def test_pages_set_it_up_and_switch_it_off(app: Flask) -> None:
    import re

    browser = app.test_client()
    csrf = token(browser.get("/login/school").text)
    browser.post("/login/school", data={"username": "dept10001b", "password": PASSWORD, "csrf_token": csrf})
    path = "/staff/account"
    csrf = token(browser.get(path).text)
    assert browser.post(f"{path}/factor", data={"csrf_token": csrf}).status_code == 302
    page = browser.get(path).text
    assert "<svg" in page
    found = re.search(r'<code class="password">([A-Z2-7 ]+)</code>', page)
    assert found is not None
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    assert browser.post(f"{path}/factor/confirm", data={"csrf_token": csrf, "code": "000000"}).status_code == 422
    codes = browser.post(f"{path}/factor/confirm", data={"csrf_token": csrf, "code": totp.now()}).text
    assert codes.count('<code class="password">') == 10
    assert browser.post(f"{path}/factor/off", data={"csrf_token": csrf, "code": totp.now()}).status_code == 302
    assert "svg_inline" not in browser.get(path).text


# Tokens of programs -------------------------------------------------------------------------------------------------


def _bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def test_refresh_token_holds_for_one_use_and_a_second_ends_the_session(client: FlaskClient) -> None:
    first = _log_in(client, refresh=True).get_json()
    second = client.post("/api/v1/security/refresh", headers=_bearer(first["refresh_token"])).get_json()
    third = client.post("/api/v1/security/refresh", headers=_bearer(second["refresh_token"])).get_json()
    assert client.get("/api/v1/me", headers=_bearer(third["access_token"])).status_code == 200
    assert client.post("/api/v1/security/refresh", headers=_bearer(first["refresh_token"])).status_code == 401
    assert client.get("/api/v1/me", headers=_bearer(third["access_token"])).status_code == 401
    assert client.post("/api/v1/security/refresh", headers=_bearer(third["refresh_token"])).status_code == 401


def test_logging_out_ends_this_session_and_no_other(client: FlaskClient) -> None:
    first, other = (_log_in(client, refresh=True).get_json() for _time in range(2))
    assert client.post("/api/v1/security/logout").status_code == 401
    assert client.post("/api/v1/security/logout", headers=_bearer(first["access_token"])).status_code == 200
    for path, method, key in (("me", "GET", "access_token"), ("security/refresh", "POST", "refresh_token")):
        assert client.open(f"/api/v1/{path}", method=method, headers=_bearer(first[key])).status_code == 401
        assert client.open(f"/api/v1/{path}", method=method, headers=_bearer(other[key])).status_code == 200


def test_staff_have_ten_browsers_at_most(app: Flask) -> None:
    from app.access.accounts import account_named
    from app.access.sessions import sessions_of

    browsers = []
    for _number in range(12):
        browser = app.test_client()
        csrf = token(browser.get("/login/school").text)
        browser.post("/login/school", data={"username": "school10284", "password": PASSWORD, "csrf_token": csrf})
        browsers.append(browser)
    account = account_named("school10284")
    assert account is not None
    assert sum(row.door == "school" for row, _own in sessions_of(account.user_id)) == 10
    assert [one.get("/staff/messages").status_code for one in (browsers[0], browsers[-1])] == [302, 200]
