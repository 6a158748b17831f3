"""By one channel after another: the next takes over where one fails or its reader is silent, once (B10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.base import clock
from app.base.clock import SHANGHAI
from app.base.database import session, transaction
from app.notices import channels, ladder
from app.notices.channels.sms.gateway import GatewaySms
from app.notices.channels.wechat import WechatChannel
from app.notices.jobs import ask_for_reports_job, pass_silence_job
from app.notices.models import ChannelAddress, NoticeDelivery, NoticeTemplate, Notification
from app.notices.services import bind_address, mark_read, retry_deliveries
from app.workflow import delivery
from app.workflow.models import OutboxMessage
from tests.fixtures.outbox import run_jobs
from tests.notices.browser import token
from tests.notices.provider import Provider
from tests.notices.signings import Story

Drain = Callable[..., int]
WECHAT, SMS = "/cgi-bin/message/template/send", "/messages"
GONE = {"errcode": 43004, "errmsg": "require subscribe"}
TAKEN = {"errcode": 0, "msgid": 1}


def accepted(request: Any) -> Any:
    """The gateway takes all."""
    return {"results": [{"id": one["id"], "status": "accepted"} for one in request.body["messages"]]}


@pytest.fixture
def providers(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """WeChat and the gateway are real clients of a provider that takes everything."""
    provider.answer("/cgi-bin/stable_token", {"access_token": "T1", "expires_in": 7200})
    provider.answer(WECHAT, TAKEN)
    provider.answer(SMS, accepted)
    wechat = WechatChannel("wx1", "s", base_url=provider.url, template="TPL")
    sms = GatewaySms(provider.url, sign_name="就业平台", token="t")
    monkeypatch.setitem(channels.channels_in_use(), "wechat", wechat)
    monkeypatch.setitem(channels.channels_in_use(), "sms", sms)
    yield provider
    wechat._client.close()
    sms._client.close()


@pytest.fixture
def story(signing: Story, drain: Drain, providers: Provider) -> Iterator[Story]:
    """An invitation goes by WeChat, then by SMS, then by mail; its graduate has bound WeChat."""
    set_template(ladder=True, silence_hours=24, channels=["wechat", "sms", "email"])
    bind_address("wechat", "oX", actor=signing.actor_of("graduate7"))
    drain(failures=True)
    providers.requests.clear()
    with transaction():
        session.execute(update(NoticeDelivery).values(go_on_at=None, ask_at=None))
    yield signing
    signing.end()
    with transaction():
        for row in session.scalars(select(ChannelAddress)):
            session.delete(row)
    drain(failures=True)


def set_template(**values: Any) -> None:
    """As operators have it."""
    mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
    with transaction():
        row = session.scalars(select(NoticeTemplate).where(*mine)).one()
        for name, value in values.items():
            setattr(row, name, value)


def ways(story: Story) -> list[tuple[str, str, str | None]]:
    """How the invitation went: channel, status, why it took over."""
    return [(row.channel, row.status, row.cause) for row in rows(story)]


def rows(story: Story) -> list[NoticeDelivery]:
    assert story.case is not None
    query = select(NoticeDelivery).join(Notification).where(Notification.case_id == story.case.id)
    query = query.where(Notification.template == "invitation_received").order_by(NoticeDelivery.id)
    with transaction():
        return list(session.scalars(query.execution_options(populate_existing=True)))


def later(**time: float) -> Any:
    return clock.moved(timedelta(**time))


def test_where_the_first_takes_it_the_others_are_silent(story: Story, drain: Drain, providers: Provider) -> None:
    story.invite()
    drain(failures=True)
    assert ways(story) == [("wechat", "sent", None)]
    assert providers.sent_to(SMS) == []


def test_a_refusal_lets_the_next_take_over_once(story: Story, app: Flask, drain: Drain, providers: Provider) -> None:
    providers.answer(WECHAT, GONE)
    story.invite()
    drain(failures=True)
    assert ways(story) == [("wechat", "failed", None), ("sms", "sent", "failed")]
    (sent,) = providers.sent_to(SMS)
    assert sent.body["messages"][0]["text"].startswith("【就业平台】")
    first = rows(story)[0]
    assert retry_deliveries([first.id], actor=story.actor_of("operator")) == 1
    drain(failures=True)
    assert ways(story) == [("wechat", "failed", None), ("sms", "sent", "failed")], "it has gone on already"
    assert len(providers.sent_to(WECHAT)) == 2
    assert len(providers.sent_to(SMS)) == 1


def test_who_cannot_be_reached_by_one_is_told_by_the_next(story: Story, drain: Drain, providers: Provider) -> None:
    with transaction():
        for row in session.scalars(select(ChannelAddress)):
            session.delete(row)
    story.invite()
    drain(failures=True)
    assert ways(story) == [("sms", "sent", None)], "WeChat was never bound, which is no failure"


def test_a_dead_letter_lets_the_next_take_over(story: Story, app: Flask, providers: Provider) -> None:
    providers.answer(WECHAT, (503, "busy"))
    story.invite()
    run_jobs(app)
    assert ways(story) == [("wechat", "queued", None)]
    with transaction():
        key = f"channel:{rows(story)[0].id}"
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.key == key)).one()
        message.attempts = delivery.MAX_ATTEMPTS - 1
    assert not delivery.deliver(message.id)
    run_jobs(app)
    assert ways(story) == [("wechat", "failed", None), ("sms", "sent", "failed")]


def test_the_last_one_ends_it(story: Story, drain: Drain, providers: Provider) -> None:
    set_template(channels=["wechat", "sms"])
    providers.answer(WECHAT, GONE)
    refusal = {"status": "refused", "code": "bad_number"}
    providers.answer(SMS, lambda request: {"results": [{"id": request.body["messages"][0]["id"], **refusal}]})
    story.invite()
    drain(failures=True)
    assert ways(story) == [("wechat", "failed", None), ("sms", "failed", "failed")]


def test_all_at_once_nothing_takes_over(story: Story, drain: Drain, providers: Provider) -> None:
    set_template(ladder=False, channels=["wechat", "sms"])
    providers.answer(WECHAT, GONE)
    story.invite()
    drain(failures=True)
    assert ways(story) == [("wechat", "failed", None), ("sms", "sent", None)]


def test_silence_lets_the_next_follow_by_day(story: Story, drain: Drain, providers: Provider) -> None:
    story.invite()
    drain(failures=True)
    assert pass_silence_job() == 0
    with later(hours=25):
        assert pass_silence_job() == 1
        assert pass_silence_job() == 0
    assert ways(story)[1][0] == "sms"
    assert ways(story)[1][2] == "silence"
    with transaction():
        key = f"channel:{rows(story)[1].id}"
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.key == key)).one()
    if message.not_before:
        assert 8 <= message.not_before.astimezone(SHANGHAI).hour < 21


@pytest.mark.parametrize("done", ["read", "answered", "all at once"])
def test_who_has_read_or_acted_needs_no_second_word(story: Story, drain: Drain, providers: Provider, done: str) -> None:
    story.invite()
    drain(failures=True)
    first = rows(story)[0]
    if done == "read":
        mark_read(first.notification_id, actor=story.actor_of("graduate7"))
    elif done == "answered":
        with later(minutes=5):
            story.fire("decline", "graduate7", reason="已有其他去向")
    else:
        set_template(ladder=False)
    with later(hours=25):
        assert pass_silence_job() == 0
    assert [way[0] for way in ways(story)] == ["wechat"]


def test_gentle_ones_wait_for_the_morning(story: Story, drain: Drain) -> None:
    assert ladder.after_quiet_hours(datetime(2026, 12, 1, 22, tzinfo=SHANGHAI)) == datetime(
        2026, 12, 2, 8, tzinfo=SHANGHAI
    )


def test_operators_set_it_and_see_the_chain(
    story: Story, drain: Drain, providers: Provider, login: Callable[[str], FlaskClient]
) -> None:
    with transaction():
        mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
        row = session.scalars(select(NoticeTemplate).where(*mine)).one()
    client, address = login("operator"), f"/staff/notice-templates/change/{row.id}"
    page = client.get(address)
    form = {
        "csrf_token": token(page.text),
        "title": row.title,
        "body": row.body,
        "active": "1",
        "ladder": "1",
        "channels": ["email", "sms", "wechat"],
        "wechat_place": "1",
        "sms_place": "2",
        "silence_hours": "6",
        "wechat": "thing1=%(unit)s",
    }
    refused = client.post(address, data={**form, "silence_hours": "soon"})
    assert refused.status_code == 422
    assert "0 到 720" in refused.text
    shown = client.post(address, data={**form, "do": "preview"})
    assert "微信 → 短信 → 电子邮箱" in shown.text
    assert client.post(address, data=form).status_code == 302
    with transaction():
        session.refresh(row)
        assert (row.ladder, row.silence_hours, row.channels) == (True, 6, ["wechat", "sms", "email"])
    providers.answer(WECHAT, GONE)
    story.invite()
    drain(failures=True)
    listed = client.get("/staff/deliveries/list/").text
    assert "短信（微信未能发送，改发）" in listed
    shown = client.get(f"/staff/deliveries/show/{rows(story)[1].id}").text
    assert "微信：未能发送 → 短信：已发送" in shown


def reported(**told: Any) -> Callable[[Any], Any]:
    """What the gateway says of all that it is asked for."""
    return lambda request: {"reports": [{"id": one, **told} for one in request.body["ids"]]}


def test_what_was_lost_goes_on_by_the_next_and_can_be_sent_again(
    story: Story, drain: Drain, providers: Provider, login: Callable[[str], FlaskClient]
) -> None:
    set_template(channels=["sms", "wechat"])
    story.invite()
    drain(failures=True)
    providers.answer("/reports", (503, "busy"), reported(status="waiting"))
    with later(minutes=3):
        assert ask_for_reports_job() == 0
    with later(minutes=10):
        assert ask_for_reports_job() == 0
    providers.answer("/reports", reported(status="undelivered", code="off", problem="switched off"))
    with later(hours=2):
        assert ask_for_reports_job() >= 1
        assert ask_for_reports_job() == 0
    drain(failures=True)
    assert ways(story) == [("sms", "failed", None), ("wechat", "sent", "undelivered")]
    lost = rows(story)[0]
    assert (lost.error_code, lost.error_detail) == ("undelivered", "off switched off")
    page = login("operator").get(f"/staff/deliveries/show/{lost.id}").text
    assert "短信：已发送，未送达 → 微信：已发送" in page
    assert retry_deliveries([lost.id], actor=story.actor_of("operator")) == 1
    drain(failures=True)
    keys = [one["id"] for request in providers.sent_to(SMS) for one in request.body["messages"]]
    assert keys == [f"notice-{lost.id}", f"notice-{lost.id}-2"], "a new message for the gateway"
    providers.answer("/reports", reported(status="delivered", at="2026-12-01T09:30:00+08:00"))
    with later(minutes=3):
        assert ask_for_reports_job() >= 1
    assert rows(story)[0].delivered_at is not None
    assert ways(story) == [("sms", "sent", None), ("wechat", "sent", "undelivered")]
    assert "短信：已送达" in login("operator").get(f"/staff/deliveries/show/{lost.id}").text


def test_nobody_is_asked_for_ever(story: Story, drain: Drain, providers: Provider) -> None:
    set_template(channels=["sms"])
    story.invite()
    drain(failures=True)
    providers.answer("/reports", reported(status="waiting"))
    with later(days=4):
        ask_for_reports_job()
    assert rows(story)[0].ask_at is None
