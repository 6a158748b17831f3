"""Many notices handed to their provider at once: few calls and connections, an end of its own for each, none twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.base import clock
from app.notices.channels.base import Handed, Message, Refused, Unanswered, Unavailable
from app.notices.channels.sms.alibaba import AlibabaSms
from app.notices.channels.wechat import WechatChannel
from app.workflow import queues
from tests.notices.ledger import Ledger
from tests.notices.provider import Provider
from tests.notices.test_channels import SEND, TOKEN, provider_accepts

NUMBERS = [f"138000000{one:02d}" for one in range(30)]


@pytest.fixture
def ledger(provider: Provider) -> Ledger:
    """The records of the service."""
    made = Ledger()
    provider.answer("/", made)
    return made


@pytest.fixture
def sms(provider: Provider) -> Iterator[AlibabaSms]:
    made = AlibabaSms("AK", "SK", base_url=provider.url, sign_name="就业平台")
    yield made
    made._client.close()


def to(number: str, *, key: str = "", template: str = "SMS_1", earlier: str = "") -> Message:
    """A message with words of its own."""
    own = {"number": number[-4:], "school": "中国人民大学"}
    return Message(key or f"notice-{number}", number, "标题", "正文", "", template, own, earlier)


class TestSms:
    def test_a_hundred_numbers_are_one_signed_call(self, sms: AlibabaSms, provider: Provider, ledger: Ledger) -> None:
        told = sms.send_all([to(one) for one in NUMBERS], "20261130-a")
        assert told == ["SendBatchSms-1"] * 30
        assert ledger.calls == {"SendBatchSms": 1}
        assert ledger.taken == [(one, "20261130-a") for one in NUMBERS]
        assert all(ledger.words[one]["number"] == one[-4:] for one in NUMBERS), "each number has its own words"
        assert provider.requests[0].query["TemplateCode"] == "SMS_1"
        assert provider_accepts(provider.requests[0], "SK")

    def test_each_template_has_its_call_and_no_number_is_twice_in_one(self, sms: AlibabaSms, ledger: Ledger) -> None:
        first, second = NUMBERS[:2]
        messages = [to(first), to(second), to(first, key="notice-again"), to(first, template="SMS_2", key="notice-2")]
        told = sms.send_all([*messages, to("010-1"), to(second, template="", key="notice-none")], "m")
        assert told[:2] == ["SendBatchSms-1"] * 2
        assert {told[2], told[3]} == {"SendSms-1", "SendSms-2"}
        assert [one.code for one in told[4:] if isinstance(one, Refused)] == ["bad_number", "no_template"]
        assert sorted(own for _number, own in ledger.taken) == ["m", "m", "notice-2", "notice-again"]

    def test_one_bad_number_harms_no_other(self, sms: AlibabaSms, provider: Provider, ledger: Ledger) -> None:
        ledger.bad_numbers = {NUMBERS[3]}
        told = sms.send_all([to(one) for one in NUMBERS], "m")
        assert [type(one) for one in told if not isinstance(one, str)] == [Refused]
        assert isinstance(told[3], Refused)
        assert sorted(ledger.taken) == sorted((one, f"notice-{one}") for one in NUMBERS if one != NUMBERS[3])
        assert provider.connections <= 8, "connections stay open"

    @pytest.mark.parametrize("code", ["isv.AMOUNT_NOT_ENOUGH", "Throttling.User", "isv.SMS_TEMPLATE_ILLEGAL"])
    def test_what_stops_all_of_them_is_asked_once(self, sms: AlibabaSms, ledger: Ledger, code: str) -> None:
        ledger.batch_fails = code
        told = sms.send_all([to(one) for one in NUMBERS], "m")
        assert all(isinstance(one, (Refused, Unavailable)) and not isinstance(one, Unanswered) for one in told)
        assert ledger.calls == {"SendBatchSms": 1}

    def test_no_answer_is_no_refusal(self, sms: AlibabaSms, provider: Provider) -> None:
        provider.answer("/", (502, "bad gateway"))
        assert {type(one) for one in sms.send_all([to(one) for one in NUMBERS], "m")} == {Unanswered}
        nowhere = AlibabaSms("AK", "SK", base_url="http://127.0.0.1:9", sign_name="n")
        assert {type(one) for one in nowhere.send_all([to(one) for one in NUMBERS], "m")} == {Unavailable}

    def test_a_try_without_an_end_is_looked_up_before_it_is_made_again(self, sms: AlibabaSms, ledger: Ledger) -> None:
        mark = f"{clock.today():%Y%m%d}-abc"
        ledger.taken = [(NUMBERS[0], mark), (NUMBERS[1], f"notice-{NUMBERS[1]}"), (NUMBERS[2], "another")]
        told = sms.send_all([to(one, earlier=mark) for one in NUMBERS[:3]], "m")
        assert told == [f"known:{mark}", f"known:{mark}", "SendSms-1"]
        assert ledger.taken[3:] == [(NUMBERS[2], f"notice-{NUMBERS[2]}")]

    def test_records_that_cannot_be_read_now_are_asked_later(self, sms: AlibabaSms, ledger: Ledger) -> None:
        ledger.query_fails = "Throttling.User"
        told = sms.send_all([to(NUMBERS[0], earlier=f"{clock.today():%Y%m%d}-abc")], "m")
        assert [type(one) for one in told] == [Unanswered]
        ledger.query_fails = "isp.RAM_PERMISSION_DENY"  # who may not ask sends again: better twice than never
        assert sms.send_all([to(NUMBERS[0], earlier=f"{clock.today():%Y%m%d}-abc")], "m") == ["SendSms-1"]

    def test_the_records_tell_what_arrived(self, sms: AlibabaSms, provider: Provider) -> None:
        def details(request: Any) -> Any:
            assert request.query["BizId"] == "B1"
            status = {"1": "1", "2": "2", "3": "3"}[request.query["PhoneNumber"][-1]]
            record = {
                "SendStatus": int(status),
                "ErrCode": "MOBILE_NOT_ON_SERVICE",
                "ReceiveDate": "2026-12-01 09:30:00",
            }
            return {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [record]}}

        provider.answer("/", details)
        told = sms.reports([Handed(f"notice-{one}", one, "B1", clock.now()) for one in NUMBERS[1:4]])
        assert {one.key: (one.delivered, one.code) for one in told} == {
            f"notice-{NUMBERS[2]}": (False, "no_service"),
            f"notice-{NUMBERS[3]}": (True, "undelivered"),
        }
        assert [f"{one.at:%H:%M}" for one in told if one.at] == ["09:30"]


class TestWechat:
    @pytest.fixture
    def wechat(self, provider: Provider, application: Flask) -> Iterator[WechatChannel]:
        with queues.redis() as connection:
            connection.flushall()
        provider.answer(TOKEN, {"access_token": "T1", "expires_in": 7200})
        made = WechatChannel("wx1", "secret", base_url=provider.url, template="TPL")
        yield made
        made._client.close()

    def test_many_go_at_the_same_time_by_few_connections(self, wechat: WechatChannel, provider: Provider) -> None:
        provider.pause = 0.05
        provider.answer(SEND, lambda request: {"errcode": 0, "msgid": request.body["client_msg_id"]})
        told = wechat.send_all(_messages(24), "m")
        assert told == [f"notice-{one}" for one in range(24)], "each has its own receipt"
        assert len(provider.sent_to(TOKEN)) == 1
        assert provider.connections <= 8
        assert {one.body["client_msg_id"]: one.body["touser"] for one in provider.sent_to(SEND)} == {
            f"notice-{one}": f"oREADER{one}" for one in range(24)
        }

    def test_an_expired_token_is_fetched_once_for_all(self, wechat: WechatChannel, provider: Provider) -> None:
        queues.redis().set("wechat:token:wx1", "OLD")

        def answer(request: Any) -> Any:
            fresh = request.query["access_token"] == "T1"
            return {"errcode": 0, "msgid": 1} if fresh else {"errcode": 40001, "errmsg": "invalid credential"}

        provider.answer(SEND, answer)
        assert wechat.send_all(_messages(16), "m") == ["1"] * 16
        assert [one.body["force_refresh"] for one in provider.sent_to(TOKEN)] == [False]

    def test_one_that_is_refused_harms_no_other(self, wechat: WechatChannel, provider: Provider) -> None:
        def answer(request: Any) -> Any:
            gone = request.body["touser"] == "oREADER3"
            return {"errcode": 43004, "errmsg": "require subscribe"} if gone else {"errcode": 0, "msgid": 1}

        provider.answer(SEND, answer)
        told = wechat.send_all(_messages(10), "m")
        assert [one for one in told if isinstance(one, str)] == ["1"] * 9
        assert isinstance(told[3], Refused)


def _messages(count: int) -> list[Message]:
    return [
        Message(f"notice-{one}", f"oREADER{one}", "标题", "正文", "", "", {"thing1": str(one)}) for one in range(count)
    ]
