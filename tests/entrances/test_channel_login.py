"""Log-in by a bound WeChat against a server that speaks WeChat's protocol: its owner comes in, and nobody else (R1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from app.access.audit import AuditLine
from app.access.models import Account
from app.base.database import session
from app.notices import channels
from app.notices.channels.wechat import WechatChannel
from app.notices.models import ChannelAddress
from app.notices.services import bind_address, unbind_address
from app.workflow.models import OutboxMessage
from tests.entrances.conftest import Browser
from tests.notices.provider import Provider
from tests.signing.stage import user

START, BACK, DOOR, HOME = "/channel-login/wechat", "/channel-login/wechat/return", "/login/graduate", "/graduate/"
TOKEN = "/sns/oauth2/access_token"
INSIDE = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.49"}


@pytest.fixture
def wechat(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The official account is configured; its server gives the openid of whoever holds the browser."""
    with Provider() as provider:
        real = WechatChannel("wx1", "s3cret", base_url=provider.url, authorize_url="https://open.example")
        with app.app_context():
            monkeypatch.setitem(channels.channels_in_use(), "wechat", real)
        yield provider
    with app.app_context():
        session.execute(delete(ChannelAddress))
        session.commit()


def bind(app: Flask, username: str, openid: str) -> None:
    with app.app_context():
        bind_address("wechat", openid, actor=user(username))
        session.commit()


def get(browser: Browser, path: str, **headers: str) -> Any:
    return browser.client.get(path, headers=INSIDE | headers)


def asked(browser: Browser, start: str = START) -> dict[str, str]:
    """What the browser carries to WeChat."""
    answer = get(browser, start)
    assert answer.location.startswith("https://open.example/connect/oauth2/authorize?"), answer.location
    assert answer.location.endswith("#wechat_redirect")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def come_in(browser: Browser, provider: Provider, openid: str, start: str = START) -> Any:
    """To WeChat and back, held by the person of this openid."""
    provider.answer(TOKEN, {"access_token": "A", "openid": openid, "scope": "snsapi_base"})
    return get(browser, f"{BACK}?code=C1&state={asked(browser, start)['state']}")


def inside(browser: Browser) -> bool:
    return bool(browser.get(HOME).status_code == 200)


def shown(browser: Browser) -> str:
    return str(get(browser, DOOR).text)


def test_who_has_bound_it_comes_in_where_they_wanted(app: Flask, stranger: Browser, wechat: Provider) -> None:
    bind(app, "graduate7", "oSEVEN")
    page = get(stranger, f"{DOOR}?next=/graduate/messages").text
    assert "微信登录" in page
    assert f"{START}?next=" in page
    question = asked(stranger)
    assert (question["appid"], question["scope"], question["response_type"]) == ("wx1", "snsapi_base", "code")
    assert urlsplit(question["redirect_uri"]).path == BACK
    done = come_in(stranger, wechat, "oSEVEN", f"{START}?next=/graduate/messages")
    assert (done.status_code, done.location) == (302, "/graduate/messages")
    assert inside(stranger)
    given = wechat.sent_to(TOKEN)[-1].query
    assert given == {"appid": "wx1", "secret": "s3cret", "code": "C1", "grant_type": "authorization_code"}
    with app.app_context():
        line = session.scalars(
            select(AuditLine).where(AuditLine.action == "login").order_by(AuditLine.id.desc())
        ).first()
        assert line is not None
        assert (line.actor_id, line.detail["way"]) == (user("graduate7").user_id, "wechat")


def test_it_opens_the_account_of_who_bound_it_and_no_other(
    app: Flask, stranger: Browser, another: Browser, wechat: Provider
) -> None:
    bind(app, "graduate7", "oSEVEN")
    bind(app, "graduate8", "oEIGHT")
    assert come_in(stranger, wechat, "oEIGHT").location == HOME
    with stranger.client.session_transaction() as cookie:
        assert cookie["door"] == "graduate"
    with app.app_context():
        name = session.scalars(select(Account.name).where(Account.user_id == user("graduate8").user_id)).one()
    assert name in stranger.get("/graduate/me").text
    assert not inside(another)


def test_an_unknown_wechat_neither_registers_nor_binds(app: Flask, stranger: Browser, wechat: Provider) -> None:
    with app.app_context():
        count = session.scalar(select(func.count()).select_from(Account))
    assert come_in(stranger, wechat, "oNOBODY").location == DOOR
    assert "该微信尚未绑定账号" in shown(stranger)
    assert not inside(stranger)
    with app.app_context():
        assert session.scalar(select(func.count()).select_from(Account)) == count
        assert session.scalars(select(ChannelAddress)).all() == []
        line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
        assert line is not None
        assert (line.action, line.detail["code"], line.role) == ("login_failed", "not_bound", "stranger")


def test_a_units_binding_and_one_that_two_share_open_nothing(app: Flask, stranger: Browser, wechat: Provider) -> None:
    bind(app, "employer1", "oUNIT")
    assert come_in(stranger, wechat, "oUNIT").location == DOOR
    bind(app, "graduate7", "oBOTH")
    bind(app, "graduate8", "oBOTH")
    assert come_in(stranger, wechat, "oBOTH").location == DOOR
    assert not inside(stranger)


def test_a_binding_made_for_messages_alone_opens_once_it_is_made_anew_and_closes_when_it_ends(
    app: Flask, stranger: Browser, another: Browser, wechat: Provider
) -> None:
    bind(app, "graduate7", "oSEVEN")
    with app.app_context():
        session.execute(update(ChannelAddress).values(address_index=None))
        session.commit()
    assert come_in(stranger, wechat, "oSEVEN").location == DOOR
    bind(app, "graduate7", "oSEVEN")
    assert come_in(stranger, wechat, "oSEVEN").location == HOME
    assert "也可用该微信登录" in get(stranger, "/graduate/messages").text
    with app.app_context():
        unbind_address("wechat", actor=user("graduate7"))
        session.commit()
    assert come_in(another, wechat, "oSEVEN").location == DOOR


def test_a_binding_that_opens_the_account_is_told_to_its_person(app: Flask, wechat: Provider) -> None:
    bind(app, "graduate7", "oSEVEN")
    with app.app_context():
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()))
        told = next(row.payload for row in rows if row.key.startswith("channel_bound:"))
        assert (told["user_id"], told["facts"]["channel"]) == (user("graduate7").user_id, "微信")


def test_the_answer_counts_once_and_only_in_the_browser_that_asked(
    app: Flask, stranger: Browser, another: Browser, wechat: Provider
) -> None:
    bind(app, "graduate7", "oSEVEN")
    wechat.answer(TOKEN, {"openid": "oSEVEN"})
    state = asked(stranger)["state"]
    for query in (f"code=C&state={state}x", "code=C&state=", "code=C", ""):
        asked(another)
        assert get(another, f"{BACK}?{query}").location == DOOR
    assert get(another, f"{BACK}?code=C&state={state}").location == DOOR
    assert wechat.requests == [], "nobody is asked about an answer that belongs to no question"
    assert get(stranger, f"{BACK}?code=C&state={state}").location == HOME
    stranger.client.delete_cookie("session")
    assert get(stranger, f"{BACK}?code=C&state={state}").location == DOOR


@pytest.mark.parametrize(
    "said", [{"errcode": 40029, "errmsg": "invalid code"}, (503, "busy"), "no json", {"openid": ""}, ["odd"]]
)
def test_what_wechat_does_not_confirm_lets_nobody_in(
    app: Flask, stranger: Browser, wechat: Provider, said: Any
) -> None:
    bind(app, "graduate7", "oSEVEN")
    state = asked(stranger)["state"]
    wechat.answer(TOKEN, said)
    assert get(stranger, f"{BACK}?code=C&state={state}").location == DOOR
    assert "未能确认您的身份" in shown(stranger)
    assert not inside(stranger)


def test_a_closed_account_stays_closed(
    app: Flask, stranger: Browser, wechat: Provider, sql: psycopg.Connection
) -> None:
    bind(app, "graduate7", "oSEVEN")
    sql.execute("UPDATE ab_user SET active = false WHERE username = 'graduate7'")
    sql.commit()
    assert come_in(stranger, wechat, "oSEVEN").location == DOOR
    sql.execute("UPDATE ab_user SET active = true WHERE username = 'graduate7'")
    sql.commit()


def test_failures_without_end_have_to_wait(
    app: Flask, stranger: Browser, wechat: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.access import throttle
    from app.entrances.services import channel_login

    monkeypatch.setattr(channel_login, "FAILED", throttle.Limit("channel_login_test", most=2, window=600, wait=0))
    bind(app, "graduate7", "oSEVEN")
    for _time in range(2):
        come_in(stranger, wechat, "oNOBODY")
    calls = len(wechat.requests)
    assert come_in(stranger, wechat, "oSEVEN").location == DOOR
    assert len(wechat.requests) == calls
    assert "操作过于频繁" in shown(stranger)


def test_it_is_offered_where_it_works(stranger: Browser, wechat: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "微信登录" not in stranger.get(DOOR).text, "outside WeChat there is no such way"
    assert stranger.get(START).location == DOOR
    assert "请在微信中打开本页面" in stranger.get(DOOR).text
    assert "微信登录" not in get(stranger, "/login/employer").text
    monkeypatch.delitem(channels.channels_in_use(), "wechat")
    assert "微信登录" not in shown(stranger)
    assert get(stranger, START).status_code == 404
    assert get(stranger, f"{BACK}?code=C&state=S").status_code == 404
    assert get(stranger, "/channel-login/sms").status_code == 404


def test_the_trial_has_a_wechat_of_its_own_for_each_browser(app: Flask, stranger: Browser, another: Browser) -> None:
    question = "/standin/wechat/"

    def agree(browser: Browser, start: Any) -> Any:
        browser.get(start.location)
        fields = {name: values[0] for name, values in parse_qs(urlsplit(start.location).query).items()}
        return browser.get(browser.post(question, start.location, **fields).location)

    assert "微信登录" in stranger.get(DOOR).text
    assert agree(stranger, stranger.get(START)).location == DOOR
    stranger.post(DOOR, DOOR, username="graduate9", password="Qianyue@2027")
    assert agree(stranger, stranger.post("/messages/wechat", "/graduate/messages")).location == "/graduate/messages"
    stranger.post("/logout", "/graduate/messages")
    assert agree(stranger, stranger.get(START)).location == HOME
    assert agree(another, another.get(START)).location == DOOR, "another browser is another person"
    assert stranger.post(question, question, redirect_uri="https://evil.example/").status_code == 400
