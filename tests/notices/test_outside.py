"""Notices on their way out: bound addresses, what became of each, tried again, recorded once (R7.14, R10.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.accounts import account_of_user
from app.base.database import session, transaction
from app.notices import channels
from app.notices.catalogue import shipped
from app.notices.channels.sms.alibaba import AlibabaSms
from app.notices.channels.wechat import WechatChannel
from app.notices.models import ChannelAddress, NoticeDelivery, NoticeTemplate, Notification
from app.notices.services import bind_address, retry_deliveries, unbind_address
from app.roster.models import Graduate
from app.workflow import delivery, registry
from app.workflow.models import OutboxMessage
from tests.fixtures.outbox import run_jobs
from tests.notices.browser import token
from tests.notices.provider import Provider
from tests.notices.signings import Story

Drain = Callable[..., int]
SEND = "/cgi-bin/message/template/send"


@pytest.fixture
def providers(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """WeChat and SMS are real clients of a provider that takes everything."""
    provider.answer("/cgi-bin/stable_token", {"access_token": "T1", "expires_in": 7200})
    provider.answer(SEND, {"errcode": 0, "msgid": 4711})
    provider.answer("/", {"Code": "OK", "BizId": "9006^0"})
    wechat = WechatChannel("wx1", "s", base_url=provider.url, template="TPL", authorize_url="https://open.example")
    sms = AlibabaSms("AK", "SK", base_url=provider.url, sign_name="就业平台", template="SMS_1")
    monkeypatch.setitem(channels.channels_in_use(), "wechat", wechat)
    monkeypatch.setitem(channels.channels_in_use(), "sms", sms)
    yield provider
    wechat._client.close()
    sms._client.close()


@pytest.fixture
def story(signing: Story, drain: Drain, providers: Provider) -> Iterator[Story]:
    """A signing whose graduate is free again afterwards, and bound to nothing."""
    drain(failures=True)
    providers.requests.clear()
    yield signing
    signing.end()
    with transaction():
        for row in session.scalars(select(ChannelAddress)):
            session.delete(row)
    drain(failures=True)


def deliveries(case_id: int, channel: str) -> list[NoticeDelivery]:
    """What went out about a case by a channel, oldest first."""
    query = select(NoticeDelivery).join(Notification).where(Notification.case_id == case_id)
    with transaction():
        found = query.where(NoticeDelivery.channel == channel).order_by(NoticeDelivery.id)
        return list(session.scalars(found.execution_options(populate_existing=True)))


def message_of(row: NoticeDelivery) -> OutboxMessage:
    """The outbox message that sends a delivery."""
    with transaction():
        query = select(OutboxMessage).where(OutboxMessage.key == f"channel:{row.id}")
        return session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_bound_graduate_gets_the_invitation_in_wechat(story: Story, drain: Drain, providers: Provider) -> None:
    bind_address("wechat", "oGRADUATE7", actor=story.actor_of("graduate7"))
    case = story.invite("graduate7", title="数据分析师")
    drain()
    sent = providers.sent_to(SEND)
    assert len(sent) == 1
    body = sent[0].body
    assert body["touser"] == "oGRADUATE7"
    assert body["data"]["thing2"] == {"value": "数据分析师"}
    assert body["data"]["time3"]["value"].endswith("23:59")
    (row,) = deliveries(case.id, "wechat")
    assert (row.status, row.receipt, row.attempts, row.address) == ("sent", "4711", 1, "oGRA*****ATE7")
    assert body["url"].endswith(f"/messages/{row.notification_id}?door=graduate")
    assert body["url"].startswith("http")


def test_who_has_not_bound_wechat_is_left_in_peace(story: Story, drain: Drain, providers: Provider) -> None:
    bind_address("wechat", "oX", actor=story.actor_of("graduate7"))
    unbind_address("wechat", actor=story.actor_of("graduate7"))
    case = story.invite()
    drain()
    assert providers.sent_to(SEND) == []
    assert deliveries(case.id, "wechat") == []


def test_a_changed_record_is_told_by_sms(story: Story, drain: Drain, providers: Provider) -> None:
    sign(story)
    story.fire("edit_category", "school10002", category="11")
    drain()
    (row,) = deliveries(story.case.id, "sms")
    assert (row.status, row.receipt) == ("sent", "9006^0")
    asked = providers.sent_to("/")[0].query
    assert asked["PhoneNumbers"] == mobile("graduate7", story)
    assert row.address == f"{asked['PhoneNumbers'][:3]}****{asked['PhoneNumbers'][-4:]}"
    assert asked["OutId"] == f"notice-{row.id}"
    assert story.case.number in asked["TemplateParam"]


def test_without_a_mobile_number_the_failure_is_shown(story: Story, drain: Drain, providers: Provider) -> None:
    sign(story)
    actor = story.actor_of("graduate7")
    with transaction():
        graduate = session.get_one(Graduate, actor.graduate_id)
        kept, graduate.mobile = graduate.mobile, None
        account_of_user(actor.user_id or 0).mobile = None
    story.fire("edit_category", "school10002", category="11")
    drain()
    (row,) = deliveries(story.case.id, "sms")
    assert (row.status, row.error_code, row.address) == ("failed", "no_address", None)
    with transaction():
        session.get_one(Graduate, actor.graduate_id).mobile = kept
        account_of_user(actor.user_id or 0).mobile = kept
    assert retry_deliveries([row.id], actor=story.actor_of("operator")) == 1
    drain()
    (row,) = deliveries(story.case.id, "sms")
    assert (row.status, row.error_code, row.error_detail) == ("sent", None, None)


def test_a_provider_that_is_down_is_tried_again_and_recorded_once(
    app: Flask, story: Story, providers: Provider
) -> None:
    bind_address("wechat", "oX", actor=story.actor_of("graduate7"))
    providers.answer(SEND, (503, "busy"), {"errcode": 45009, "errmsg": "limit"}, {"errcode": 0, "msgid": 1})
    case = story.invite()
    run_jobs(app)
    (row,) = deliveries(case.id, "wechat")
    assert (row.status, row.attempts) == ("queued", 1)
    assert (row.error_code, row.error_detail) == ("provider_busy", "HTTP 503")
    message = message_of(row)
    assert (message.status, message.attempts) == ("queued", 1)
    assert not delivery.deliver(message.id)
    (row,) = deliveries(case.id, "wechat")
    assert (row.error_code, row.error_detail) == ("limit_reached", "45009 limit")
    assert delivery.deliver(message.id)
    (row,) = deliveries(case.id, "wechat")
    assert (row.status, row.attempts, row.error_code, row.receipt) == ("sent", 3, None, "1")
    keys = {request.body["client_msg_id"] for request in providers.sent_to(SEND)}
    assert keys == {f"notice-{row.id}"}
    assert not delivery.deliver(message.id)
    assert len(providers.sent_to(SEND)) == 3


def test_a_refusal_is_final_until_an_operator_tries_again(story: Story, drain: Drain, providers: Provider) -> None:
    bind_address("wechat", "oX", actor=story.actor_of("graduate7"))
    providers.answer(SEND, {"errcode": 43004, "errmsg": "require subscribe"})
    case = story.invite()
    drain(failures=True)
    (row,) = deliveries(case.id, "wechat")
    assert (row.status, row.attempts) == ("failed", 1)
    assert message_of(row).status == "failed"
    providers.answer(SEND, {"errcode": 0, "msgid": 2})
    retry_deliveries([row.id], actor=story.actor_of("operator"))
    drain()
    (row,) = deliveries(case.id, "wechat")
    assert (row.status, row.receipt) == ("sent", "2")
    assert len(providers.sent_to(SEND)) == 2


def test_a_template_number_filled_in_later_is_used(story: Story, drain: Drain, providers: Provider) -> None:
    bind_address("wechat", "oX", actor=story.actor_of("graduate7"))
    providers.answer(SEND, {"errcode": 40037, "errmsg": "invalid template_id"})
    case = story.invite()
    drain(failures=True)
    mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
    with transaction():
        row = session.scalars(select(NoticeTemplate).where(*mine)).one()
        row.outside = {"wechat": {"template": "TPL-9", "fields": {"thing1": "%(position)s"}}}
    providers.answer(SEND, {"errcode": 0, "msgid": 3})
    retry_deliveries([one.id for one in deliveries(case.id, "wechat")], actor=story.actor_of("operator"))
    drain()
    last = providers.sent_to(SEND)[-1].body
    assert (last["template_id"], last["data"]) == ("TPL-9", {"thing1": {"value": "软件工程师"}})
    with transaction():
        words = shipped()["invitation_received", "graduate"]
        session.scalars(select(NoticeTemplate).where(*mine)).one().outside = dict(words.outside)


def test_only_operators_send_again(story: Story, drain: Drain) -> None:
    from app.base.errors import Forbidden

    bind_address("wechat", "oX", actor=story.actor_of("graduate7"))
    case = story.invite()
    drain()
    ids = [row.id for row in deliveries(case.id, "wechat")]
    for username in ("school10002", "province11", "employer1", "graduate7"):
        with pytest.raises(Forbidden):
            retry_deliveries(ids, actor=story.actor_of(username))
    assert retry_deliveries(ids, actor=story.actor_of("operator")) == 0, "they have been sent"


def test_wechat_is_bound_by_the_readers_own_wechat(
    login: Callable[[str], FlaskClient], story: Story, providers: Provider
) -> None:
    client, actor = login("graduate7"), story.actor_of("graduate7")
    page = client.get("/graduate/messages")
    assert "绑定微信" in page.text
    form = {"csrf_token": token(page.text)}
    elsewhere = client.post("/messages/wechat", data=form, follow_redirects=True)
    assert "请在微信中打开" in elsewhere.text
    asked = client.post("/messages/wechat", data=form, headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0"})
    target = urlsplit(asked.location)
    assert (target.netloc, target.fragment) == ("open.example", "wechat_redirect")
    state = parse_qs(target.query)["state"][0]
    assert parse_qs(target.query)["redirect_uri"][0].endswith("/messages/wechat")
    providers.answer("/sns/oauth2/access_token", {"openid": "oMINE"})
    assert client.get("/messages/wechat?code=C&state=forged").status_code == 400
    assert client.get(f"/messages/wechat?code=C&state={state}").status_code == 400, "a state is used up"
    asked = client.post("/messages/wechat", data=form, headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0"})
    state = parse_qs(urlsplit(asked.location).query)["state"][0]
    assert client.get(f"/messages/wechat?code=C&state={state}").status_code == 302
    with transaction():
        row = session.get_one(ChannelAddress, (actor.user_id, "wechat"))
        assert row.address == "oMINE"
    page = client.get("/graduate/messages")
    assert "解除微信绑定" in page.text
    client.post("/messages/wechat/unbind", data={"csrf_token": token(page.text)})
    with transaction():
        assert session.get(ChannelAddress, (actor.user_id, "wechat"), populate_existing=True) is None


def test_every_notice_of_every_workflow_has_words(app_context: Any) -> None:
    named = {
        (notice.template, kind)
        for workflow in registry.all_workflows()
        for row in (*workflow.initial, *workflow.transitions)
        for notice in row.notices
        for kind in notice.to
    }
    assert named
    assert named - set(shipped()) == set()


def test_shipped_words_are_clean(app_context: Any) -> None:
    from app.notices.placeholders import check_placeholders

    for wording in shipped().values():
        texts = {"title": wording.title, "body": wording.body}
        for channel in wording.channels:
            assert channel in channels.declared()
            assert wording.provider_fields(channel), f"{wording.name} has no keywords for {channel}"
            texts[channel] = " ".join(wording.provider_fields(channel).values())
        check_placeholders(texts)
        assert len(wording.title) <= 64


def sign(story: Story) -> None:
    """Bring graduate7's signing into force."""
    story.invite("graduate7", category="13")
    story.fire("accept", "graduate7")
    story.fire("approve", "school10002")


def mobile(username: str, story: Story) -> str | None:
    """The mobile number on the roster."""
    with transaction():
        return session.get_one(Graduate, story.actor_of(username).graduate_id).mobile
