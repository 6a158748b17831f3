"""使用统一身份登录 against a provider that really runs: OpenID Connect over HTTP (R1.2, R1.10)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import psycopg
import pytest
from flask import Flask
from oidc_provider_mock import run_server_in_thread

from app.base.settings import settings
from config import IdentityProvider, SettingsError, settings_from
from tests.entrances.conftest import PEOPLE, Browser
from tests.fixtures.standin import Standin

CLAIMS = {"name": "name", "id_number": "id_card", "mobile": "phone_number", "email": "email"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a running provider."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def offered(issuer: str, change_settings: Callable[..., None]) -> str:
    """The platform configured for it."""
    provider = IdentityProvider(issuer, "platform", "secret", "", "openid profile email phone", CLAIMS)
    change_settings(oidc=provider)
    return issuer


def person(issuer: str, name: str, /, **more: Any) -> str:
    """Make a person known to the provider; returns the subject."""
    data = PEOPLE[name]
    claims = {"name": data.name, "id_card": data.id_number, "phone_number": data.mobile, **more}
    httpx.put(f"{issuer}/users/{quote(data.id_number)}", json=claims).raise_for_status()
    return data.id_number


def way_back(browser: Browser, subject: str) -> str:
    """Go to the provider, say who one is, and return with its answer; the path of the way back."""
    question = browser.get("/identity").headers["Location"]
    answer = httpx.post(question, data={"sub": subject})
    assert answer.has_redirect_location, answer.text
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def come_in(browser: Browser, subject: str) -> Any:
    return browser.get(way_back(browser, subject))


def test_button_is_there_only_when_configured(stranger: Browser, offered: str, app: Flask) -> None:
    assert "使用统一身份登录" in stranger.get("/login/graduate").text
    assert "使用统一身份登录" not in stranger.get("/login/employer").text


def test_without_a_provider_there_is_no_such_way(stranger: Browser) -> None:
    assert "使用统一身份登录" not in stranger.get("/login/graduate").text
    assert stranger.get("/identity").status_code == 404
    assert stranger.get("/identity/return?code=1&state=2").status_code == 404


def test_question_carries_state_nonce_and_challenge(stranger: Browser, offered: str) -> None:
    one, two = (parse_qs(urlsplit(stranger.get("/identity").headers["Location"]).query) for _time in range(2))
    assert one["code_challenge_method"] == ["S256"]
    assert one["response_type"] == ["code"]
    for name in ("state", "nonce", "code_challenge"):
        assert one[name] != two[name]


def test_graduate_on_the_roster_comes_in_and_has_an_account(
    stranger: Browser, another: Browser, offered: str, sql: psycopg.Connection
) -> None:
    subject = person(offered, "何婷")
    assert come_in(stranger, subject).headers["Location"] == "/graduate/"
    assert stranger.get("/graduate/").headers["Location"] == "/graduate/confirm"
    assert come_in(another, subject).headers["Location"] == "/graduate/"
    count = sql.execute("SELECT count(*) FROM accounts WHERE name = '何婷'").fetchone()
    assert count == (1,)


def test_account_that_was_activated_is_the_same_person(
    stranger: Browser, offered: str, sql: psycopg.Connection
) -> None:
    assert come_in(stranger, person(offered, "李婉昕")).headers["Location"] == "/graduate/"
    assert "李婉昕" in stranger.get("/graduate/").text
    assert sql.execute("SELECT count(*) FROM accounts WHERE name = '李婉昕'").fetchone() == (1,)


def test_mobile_and_email_are_refreshed_at_each_log_in(
    stranger: Browser, offered: str, drain: Callable[..., int], ems: Standin, sql: psycopg.Connection
) -> None:
    for mobile, email in (("13900040001", "a@x.example"), ("13900040002", "b@x.example"), ("13900040002", None)):
        more = {"email": email} if email else {}
        come_in(stranger, person(offered, "陈䶮", phone_number=mobile, **more))
    drain()
    key = sql.execute("SELECT exam_number, cohort, id FROM graduates WHERE name = '陈䶮'").fetchone()
    assert key is not None
    student = ems.http.get(f"/students/10001/{key[1]}/{key[0]}").json()["student"]
    assert (student["mobile"], student["email"]) == ("13900040002", "b@x.example")
    told = sql.execute(
        "SELECT count(*) FROM outbox WHERE key LIKE 'contact:%%' AND order_key = %s", (f"graduate:{key[2]}",)
    ).fetchone()
    assert told == (2,)  # nothing is told a second time


def test_who_is_not_on_the_roster_is_told(stranger: Browser, offered: str) -> None:
    for claims in (
        {"id_card": "110101199001011234"},
        {"name": "无此人", "id_card": PEOPLE["田清苒"].id_number},
        {"name": "无此人", "id_card": PEOPLE["潘念珊"].id_number},  # an account of another name
        {"id_card": ""},
        {"id_card": ["not", "a", "text"]},
        {"id_card": PEOPLE["张云轩"].id_number, "name": "田清苒"},
    ):
        answer = come_in(stranger, person(offered, "田清苒", **claims))
        assert answer.headers["Location"] == "/login/graduate"
        assert "您不在毕业生名单中" in stranger.get("/login/graduate").text


def test_answer_counts_once_and_only_in_the_browser_that_asked(
    stranger: Browser, another: Browser, offered: str
) -> None:
    back = way_back(stranger, person(offered, "潘念珊"))
    another.get("/identity")
    assert another.get(back).headers["Location"] == "/login/graduate"
    assert stranger.get(back).headers["Location"] == "/graduate/"
    stranger.client.delete_cookie("session")
    assert stranger.get(back).headers["Location"] == "/login/graduate"


@pytest.mark.parametrize("query", ["", "error=access_denied", "code=x", "code=x&state=y", "code=forged&state="])
def test_broken_answers_let_nobody_in(stranger: Browser, offered: str, query: str) -> None:
    state = parse_qs(urlsplit(stranger.get("/identity").headers["Location"]).query)["state"][0]
    forged = query + state if query.endswith("state=") else query
    assert stranger.get(f"/identity/return?{forged}").headers["Location"] == "/login/graduate"
    assert stranger.get("/graduate/").status_code == 302


def test_token_for_another_question_is_not_believed(stranger: Browser, offered: str) -> None:
    """The nonce ties the signed answer to this browser's question."""
    back = way_back(stranger, person(offered, "尹绍安"))
    with stranger.client.session_transaction() as kept:
        kept["identity"] = {**kept["identity"], "nonce": "of somebody else"}
    assert stranger.get(back).headers["Location"] == "/login/graduate"


def test_provider_that_is_down_is_told(stranger: Browser, offered: str, change_settings: Callable[..., None]) -> None:
    change_settings(oidc=dataclasses.replace(settings().oidc, issuer="http://127.0.0.1:9"))
    assert stranger.get("/identity").headers["Location"] == "/login/graduate"
    assert "暂时无法访问" in stranger.get("/login/graduate").text


def test_switched_off_account_stays_out(stranger: Browser, offered: str, sql: psycopg.Connection) -> None:
    sql.execute("UPDATE ab_user SET active = false WHERE username = 'graduate15'")
    assert come_in(stranger, person(offered, "罗舒苒")).headers["Location"] == "/login/graduate"


def test_settings_are_complete_or_absent() -> None:
    base = {"APP_ENV": "trial", "DATABASE_URL": "postgresql://x/y"}
    assert settings_from(base).oidc is None
    with pytest.raises(SettingsError, match="OIDC_CLIENT_SECRET"):
        settings_from({**base, "OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "a"})
    whole = {"OIDC_ISSUER": "https://id.example/", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}
    found = settings_from({**base, **whole, "OIDC_CLAIM_ID_NUMBER": "sfzjh"}).oidc
    assert found is not None
    assert (found.issuer, found.claims["id_number"], found.claims["name"]) == ("https://id.example", "sfzjh", "name")
