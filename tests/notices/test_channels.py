"""The real clients of WeChat and of the short message service, against a provider on this machine (R10.3)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.base.failures import told
from app.base.settings import settings, use_settings
from app.notices import channels
from app.notices.channels.base import Message, Refused, Unavailable
from app.notices.channels.development import DevelopmentChannel
from app.notices.channels.sms.alibaba import AlibabaSms
from app.notices.channels.sms.alibaba_signature import Call, signed_headers
from app.notices.channels.wechat import WechatChannel
from app.notices.channels.wechat_fields import fitted
from app.notices.cutting import cut
from app.notices.explanations import explained
from app.notices.models import NoticeDelivery
from app.workflow import queues
from config import SettingsError, settings_from
from tests.notices.provider import Provider
from trial.valkey import Valkey
from trial.wechat import StandinWechat

SEND = "/cgi-bin/message/template/send"
TOKEN = "/cgi-bin/stable_token"
MESSAGE = Message(
    key="notice-7",
    to="oOPENID7",
    title="收到签约邀请",
    text="北京云帆数据科技有限公司 邀请您签约",
    url="https://example.org/messages/7",
    template="TPL-7",
    fields={"thing1": "北京云帆数据科技有限公司海淀研发中心第二事业部", "time3": "2027年1月31日 24:00"},
)


@pytest.fixture
def wechat(provider: Provider, valkey: Valkey, application: Flask) -> Iterator[WechatChannel]:
    """The client, talking to the provider; no token is known yet."""
    with valkey.connect() as connection:
        connection.flushall()
    provider.answer(TOKEN, {"access_token": "T1", "expires_in": 7200})
    provider.answer(SEND, {"errcode": 0, "errmsg": "ok", "msgid": 4711})
    made = WechatChannel("wx1", "secret", base_url=provider.url)
    yield made
    made._client.close()


@pytest.fixture
def sms(provider: Provider) -> Iterator[AlibabaSms]:
    """The client, talking to the provider."""
    provider.answer("/", {"Code": "OK", "Message": "OK", "BizId": "9006^0", "RequestId": "R"})
    made = AlibabaSms("AK", "SK", base_url=provider.url, sign_name="就业平台")
    yield made
    made._client.close()


def to(number: str) -> Message:
    """A message for this mobile number."""
    return Message("notice-8", number, "签约信息有变更", "", "", "SMS_1", {"school": "中国人民大学", "number": "1"})


class TestWechat:
    def test_a_template_message_is_sent_with_the_shared_token(self, wechat: WechatChannel, provider: Provider) -> None:
        assert wechat.send(MESSAGE) == "4711"
        assert wechat.send(MESSAGE) == "4711"
        assert len(provider.sent_to(TOKEN)) == 1, "the token is kept"
        asked = provider.sent_to(TOKEN)[0].body
        assert asked == {
            "grant_type": "client_credential",
            "appid": "wx1",
            "secret": "secret",
            "force_refresh": False,
        }
        sent = provider.sent_to(SEND)[0]
        assert sent.query == {"access_token": "T1"}
        assert sent.body == {
            "touser": "oOPENID7",
            "template_id": "TPL-7",
            "url": "https://example.org/messages/7",
            "client_msg_id": "notice-7",
            "data": {
                "thing1": {"value": "北京云帆数据科技有限公司海淀研发中心第…"},
                "time3": {"value": "2027年1月31日 23:59"},
            },
        }

    def test_the_token_is_kept_a_little_shorter_than_it_lasts(self, wechat: WechatChannel) -> None:
        wechat.send(MESSAGE)
        assert 6800 < queues.redis().ttl("wechat:token:wx1") <= 6900  # type: ignore[operator]

    @pytest.mark.parametrize("code", [40001, 40014, 42001])
    def test_an_expired_token_is_fetched_anew(self, wechat: WechatChannel, provider: Provider, code: int) -> None:
        wechat.send(MESSAGE)
        provider.answer(TOKEN, {"access_token": "T2", "expires_in": 7200})
        provider.answer(SEND, {"errcode": code, "errmsg": "access_token expired"}, {"errcode": 0, "msgid": 4712})
        assert wechat.send(MESSAGE) == "4712"
        assert [request.query["access_token"] for request in provider.sent_to(SEND)] == ["T1", "T1", "T2"]

    def test_a_token_that_stays_bad_is_forced_once(self, wechat: WechatChannel, provider: Provider) -> None:
        provider.answer(TOKEN, {"access_token": "T1", "expires_in": 7200})
        provider.answer(SEND, {"errcode": 40001, "errmsg": "invalid credential"})
        with pytest.raises(Unavailable):
            wechat.send(MESSAGE)
        forced = [request.body["force_refresh"] for request in provider.sent_to(TOKEN)]
        assert forced == [False, False, True, False, True]
        assert len(provider.sent_to(SEND)) == 3

    def test_another_worker_that_renewed_the_token_is_believed(self, wechat: WechatChannel, provider: Provider) -> None:
        queues.redis().set("wechat:token:wx1", "T9")
        wechat.send(MESSAGE)
        assert provider.sent_to(TOKEN) == []
        assert provider.sent_to(SEND)[0].query == {"access_token": "T9"}

    @pytest.mark.parametrize(
        ("code", "cause"),
        [
            (40003, "not_following"),
            (43004, "not_following"),
            (43101, "declined"),
            (40037, "bad_template"),
            (47003, "bad_fields"),
        ],
    )
    def test_what_cannot_be_helped_is_given_up(
        self, wechat: WechatChannel, provider: Provider, code: int, cause: str
    ) -> None:
        provider.answer(SEND, {"errcode": code, "errmsg": "no"})
        with pytest.raises(Refused) as refused:
            wechat.send(MESSAGE)
        assert refused.value.code == cause
        assert str(refused.value) == f"{cause}: {code} no"

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            ({"errcode": -1, "errmsg": "system error"}, "provider_busy"),
            ({"errcode": 45009, "errmsg": "reach max api daily quota limit"}, "limit_reached"),
            ({"errcode": 40164, "errmsg": "invalid ip"}, "address_not_allowed"),
            ({"errcode": 99999, "errmsg": "new"}, "provider_refused"),
            ({"errcode": "odd"}, "provider_busy"),
            ((502, "<html>bad gateway</html>"), "provider_busy"),
            ((200, "<html>hello</html>"), "not_understood"),
            ((200, "[1]"), "not_understood"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_may_pass_is_tried_again(
        self, wechat: WechatChannel, provider: Provider, answer: Any, cause: str
    ) -> None:
        provider.answer(SEND, answer)
        with pytest.raises(Unavailable) as failed:
            wechat.send(MESSAGE)
        assert failed.value.code == cause

    def test_a_message_that_was_taken_before_counts_as_sent(self, wechat: WechatChannel, provider: Provider) -> None:
        provider.answer(SEND, {"errcode": 45065, "errmsg": "clientmsgid exist"})
        assert wechat.send(MESSAGE) == ""

    def test_wrong_credentials_are_named(self, wechat: WechatChannel, provider: Provider) -> None:
        provider.answer(TOKEN, {"errcode": 40125, "errmsg": "invalid appsecret"})
        with pytest.raises(Unavailable) as failed:
            wechat.send(MESSAGE)
        assert failed.value.code == "bad_credentials"
        assert provider.sent_to(SEND) == []

    def test_nobody_there(self, wechat: WechatChannel) -> None:
        nowhere = WechatChannel("wx1", "secret", base_url="http://127.0.0.1:9")
        with pytest.raises(Unavailable) as failed:
            nowhere.send(MESSAGE)
        assert failed.value.code == "unreachable"

    def test_without_a_template_number_nothing_is_sent(self, wechat: WechatChannel, provider: Provider) -> None:
        with pytest.raises(Refused) as refused:
            wechat.send(Message("k", "o", "标题", "正文", "", "", {"thing1": "a"}))
        assert refused.value.code == "no_template"
        assert provider.requests == []

    def test_the_openid_behind_a_code(self, wechat: WechatChannel, provider: Provider) -> None:
        provider.answer("/sns/oauth2/access_token", {"openid": "oX"}, {"errcode": 40029, "errmsg": "invalid code"})
        assert wechat.address_for("CODE") == "oX"
        assert provider.requests[-1].query["code"] == "CODE"
        with pytest.raises(Refused):
            wechat.address_for("CODE")


class TestFields:
    @pytest.mark.parametrize(
        ("keyword", "text", "shown"),
        [
            ("thing1", "软件工程师", "软件工程师"),
            ("thing1", "一" * 20, "一" * 20),
            ("thing1", "一" * 21, "一" * 19 + "…"),
            ("thing12", "材料不齐。\n请补充：\t成绩单", "材料不齐。 请补充： 成绩单"),
            ("thing1", "", "-"),
            ("phrase2", "审核不通过啦", "审核不通…"),
            ("name1", "买买提江·阿卜杜热西提", "买买提江·阿卜杜热…"),
            ("name1", "Muhammad Abdullah", "Muhammad Abdullah"),
            ("time3", "2027年1月31日 24:00", "2027年1月31日 23:59"),
            ("character_string4", "1000227010000001", "1000227010000001"),
            ("keyword1", "三" * 150, "三" * 150),
        ],
    )
    def test_a_text_fits_its_keyword(self, keyword: str, text: str, shown: str) -> None:
        assert fitted(keyword, text) == shown

    def test_rare_characters_count_twice_and_are_not_torn(self) -> None:
        assert cut("𠮷" * 10, 20) == "𠮷" * 10
        assert cut("𠮷" * 11, 20) == "𠮷" * 9 + "…"
        assert cut("e\u0301" * 3, 4) == "e\u0301…"

    def test_the_cut_leaves_no_opening_bracket(self) -> None:
        assert cut("北京云帆数据科技有限公司（海淀研发中心）分公司", 14) == "北京云帆数据科技有限公司…"


class TestSms:
    def test_a_message_is_signed_and_sent(self, sms: AlibabaSms, provider: Provider) -> None:
        assert sms.send(to("138 0000-0001")) == "9006^0"
        request = provider.requests[0]
        assert request.method == "POST"
        assert request.query == {
            "PhoneNumbers": "13800000001",
            "SignName": "就业平台",
            "TemplateCode": "SMS_1",
            "TemplateParam": json.dumps({"school": "中国人民大学", "number": "1"}, ensure_ascii=False),
            "OutId": "notice-8",
        }
        assert request.headers["x-acs-action"] == "SendSms"
        assert request.headers["x-acs-version"] == "2017-05-25"
        assert provider_accepts(request, "SK")

    @pytest.mark.parametrize("number", ["", "12345", "010-66668888", "+1 202 555 0100", "23800000001"])
    def test_what_is_no_mobile_number_is_not_sent(self, sms: AlibabaSms, provider: Provider, number: str) -> None:
        with pytest.raises(Refused) as refused:
            sms.send(to(number))
        assert refused.value.code == "bad_number"
        assert provider.requests == []

    @pytest.mark.parametrize(
        ("code", "kind", "cause"),
        [
            ("isv.MOBILE_NUMBER_ILLEGAL", Refused, "bad_number"),
            ("isv.SMS_TEMPLATE_ILLEGAL", Refused, "bad_template"),
            ("isv.TEMPLATE_MISSING_PARAMETERS", Refused, "bad_fields"),
            ("isv.BLACK_KEY_CONTROL_LIMIT", Refused, "forbidden_words"),
            ("isv.BUSINESS_LIMIT_CONTROL", Unavailable, "limit_reached"),
            ("isv.AMOUNT_NOT_ENOUGH", Unavailable, "no_credit"),
            ("Throttling.User", Unavailable, "limit_reached"),
            ("SignatureDoesNotMatch", Unavailable, "bad_credentials"),
            ("isp.SYSTEM_ERROR", Unavailable, "provider_refused"),
        ],
    )
    def test_each_refusal_is_understood(
        self, sms: AlibabaSms, provider: Provider, code: str, kind: type[Exception], cause: str
    ) -> None:
        provider.answer("/", (400, {"Code": code, "Message": "no", "RequestId": "R"}))
        with pytest.raises(kind) as failed:
            sms.send(to("13800000001"))
        assert failed.value.code == cause  # type: ignore[attr-defined]
        assert str(failed.value) == f"{cause}: {code} no"

    def test_long_values_are_cut_to_what_the_provider_takes(self, sms: AlibabaSms, provider: Provider) -> None:
        sms.send(Message("k", "13800000001", "", "", "", "SMS_1", {"reason": "长" * 60}))
        assert json.loads(provider.requests[0].query["TemplateParam"]) == {"reason": "长" * 34 + "…"}


def provider_accepts(request: Any, secret: str) -> bool:
    """What the provider does with the signature: it makes its own from what arrived."""
    _algorithm, _space, parts = request.headers["authorization"].partition(" ")
    told = dict(part.split("=", 1) for part in parts.split(","))
    names = told["SignedHeaders"].split(";")
    lines = "".join(f"{name}:{request.headers[name]}\n" for name in names)
    body = hashlib.sha256(request.raw).hexdigest()
    canonical = f"POST\n/\n{request.raw_query}\n{lines}\n{told['SignedHeaders']}\n{body}"
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return told["Signature"] == hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("at", "nonce", "signature"),
    [
        ((10, 22, 32), "3156853299f313e23d1673dc12e1703d", "06563a9e1b43f5dfe96b81484da74bce"),
        ((9, 1, 1), "d410180a5abf7fe235dd9b74aca91fc0", "e521358f7776c97df52e6b2891a8bc73"),
    ],
)
def test_the_signature_is_the_one_of_the_providers_examples(
    at: tuple[int, int, int], nonce: str, signature: str
) -> None:
    call = Call(
        "RunInstances",
        "2014-05-26",
        "ecs.cn-shanghai.aliyuncs.com",
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"},
        datetime(2023, 10, 26, *at, tzinfo=UTC),
        nonce,
    )
    told = signed_headers(call, "YourAccessKeyId", "YourAccessKeySecret")["Authorization"]
    assert f"Signature={signature}" in told


class TestChoice:
    @pytest.fixture
    def choose(self, application: Flask) -> Iterator[Callable[..., None]]:
        """A function that starts the channels with these settings; afterwards they are as they were."""
        kept = settings()

        def start(app_env: str = "test", **values: str) -> None:
            base = {
                "APP_ENV": app_env,
                "DATABASE_URL": "postgresql://x/x",
                "REDIS_URL": "redis://x",
                "SECRET_KEY": "0123456789abcdef0123",
                "DATA_KEY": "dGVzdC1kYXRhLWtleS10ZXN0LWRhdGEta2V5LTMyYnk=",
                "EMS_URL": "http://x",
                "EMS_TOKEN": "0123456789abcdef",
                "PUBLIC_URL": "https://x",
                "SERVICE_PHONE": "010-62510000",
            }
            use_settings(settings_from({**base, **values}))
            channels.channels_in_use()

        yield start
        use_settings(kept)

    def test_without_a_provider_the_trial_shows_notices_in_the_site(self, choose: Callable[..., None]) -> None:
        choose("trial")
        assert {name: type(channels.channel(name)) for name in channels.declared()} == {
            "email": DevelopmentChannel,
            "sms": DevelopmentChannel,
            "wechat": StandinWechat,  # a development channel that can be bound
        }

    def test_without_a_provider_production_sends_nothing(self, choose: Callable[..., None]) -> None:
        choose("production")
        assert channels.channel("wechat") is None
        assert channels.channel("sms") is None

    def test_a_configured_provider_is_used_everywhere(self, choose: Callable[..., None]) -> None:
        choose(
            "trial",
            WECHAT_APP_ID="wx1",
            WECHAT_APP_SECRET="s",
            SMS_ACCESS_KEY="k",
            SMS_ACCESS_SECRET="s",
            SMS_SIGN_NAME="n",
        )
        assert isinstance(channels.channel("wechat"), WechatChannel)
        assert isinstance(channels.channel("sms"), AlibabaSms)

    @pytest.mark.parametrize("values", [{"WECHAT_APP_ID": "wx1"}, {"SMS_ACCESS_KEY": "k", "SMS_SIGN_NAME": "n"}])
    def test_a_provider_configured_by_half_stops_the_start(
        self, choose: Callable[..., None], values: dict[str, str]
    ) -> None:
        with pytest.raises(SettingsError, match=r"WECHAT_APP_SECRET|SMS_ACCESS_SECRET"):
            choose("production", **values)


def test_every_cause_has_plain_words(app_context: Any) -> None:
    def words(error: Exception | None) -> str:
        code, detail = told(error) if error else (None, None)
        return explained(NoticeDelivery(channel="sms", error_code=code, error_detail=detail))

    assert words(None) == ""
    assert words(Unavailable("no_credit", "isv.AMOUNT_NOT_ENOUGH low")).startswith("服务商账户余额不足")
    assert words(Refused("bad_number")) == "手机号有误，请更正后重发。"
    assert words(KeyError("x")) == "意外错误：KeyError: 'x'"
    assert words(ValueError("no_credit: low")) == "意外错误：ValueError: no_credit: low"
