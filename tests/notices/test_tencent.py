"""SMS by Tencent Cloud, against a server that checks the signature and speaks its errors (R10.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.base import clock
from app.notices.channels.base import Handed, Message, Refused, Unanswered, Unavailable
from app.notices.channels.sms.tencent import Account, TencentSms
from app.notices.channels.sms.tencent_signature import Call, signed_headers
from tests.notices.provider import Provider
from tests.notices.tencent import Tencent

NUMBERS = [f"138000000{one:02d}" for one in range(30)]


@pytest.fixture
def tencent(provider: Provider) -> Tencent:
    """The records of the service."""
    made = Tencent()
    provider.answer("/", made)
    return made


@pytest.fixture
def sms(provider: Provider, tencent: Tencent) -> Iterator[TencentSms]:
    made = client(provider.url)
    yield made
    made._client.close()


def client(url: str, **more: bool) -> TencentSms:
    """The client, talking to a provider."""
    return TencentSms(Account("ID", "KEY", "1400006666", url, "ap-guangzhou"), sign_name="就业平台", **more)


def to(number: str, *, template: str = "1110", earlier: str = "", **fields: str) -> Message:
    """A message; without words of its own it is the same for all."""
    own = fields or {"school": "中国人民大学", "number": "1"}
    return Message(f"notice-{number}", number, "标题", "正文", "", template, own, earlier)


def test_the_signature_is_the_one_of_the_providers_example() -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    at = datetime.fromtimestamp(1551113065, UTC)
    call = Call("cvm", "cvm.tencentcloudapi.com", "DescribeInstances", "2017-03-12", body, "ap-guangzhou", at)
    told = signed_headers(call, "AKID" + "*" * 32, "*" * 32)["Authorization"]
    assert told.endswith("Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f")


def test_parameters_stand_in_the_order_of_the_keywords(sms: TencentSms, tencent: Tencent) -> None:
    assert sms.send(to("138 0000 0001", school="中国人民大学", a="第二", reason="长" * 60)) == "2027:0"
    (taken,) = tencent.taken
    assert taken["PhoneNumberSet"] == ["+8613800000001"]
    assert (taken["SmsSdkAppId"], taken["SignName"], taken["TemplateId"]) == ("1400006666", "就业平台", "1110")
    assert taken["TemplateParamSet"] == ["中国人民大学", "第二", "长" * 34 + "…"]


def test_the_same_words_are_one_call_others_go_alone(sms: TencentSms, provider: Provider, tencent: Tencent) -> None:
    told = sms.send_all([*(to(one) for one in NUMBERS[:20]), *(to(one, n=one) for one in NUMBERS[20:])], "m")
    assert len(set(told)) == 30
    assert tencent.calls == {"SendSms": 11}
    assert provider.connections <= 8
    assert sorted(one["PhoneNumber"] for one in tencent.taken) == [f"+86{one}" for one in NUMBERS]


def test_more_than_a_call_takes_are_several_calls(sms: TencentSms, tencent: Tencent) -> None:
    told = sms.send_all([to(f"1390000{one:04d}") for one in range(450)], "m")
    assert all(isinstance(one, str) for one in told)
    assert tencent.calls == {"SendSms": 3}


def test_one_bad_number_harms_no_other(sms: TencentSms, tencent: Tencent) -> None:
    tencent.of_numbers = {f"+86{NUMBERS[3]}": "FailedOperation.PhoneNumberInBlacklist"}
    told = sms.send_all([*(to(one) for one in NUMBERS[:-1]), to("010-1"), to(NUMBERS[-1], template="")], "m")
    assert [one.code for one in told if isinstance(one, Refused)] == ["unsubscribed", "bad_number", "no_template"]
    assert len(tencent.taken) == 28
    assert tencent.calls == {"SendSms": 1}


@pytest.mark.parametrize(
    ("code", "kind", "cause"),
    [
        ("InvalidParameterValue.IncorrectPhoneNumber", Refused, "bad_number"),
        ("FailedOperation.ContainSensitiveWord", Refused, "forbidden_words"),
        ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", Refused, "bad_fields"),
        ("FailedOperation.TemplateIncorrectOrUnapproved", Refused, "bad_template"),
        ("FailedOperation.SignatureIncorrectOrUnapproved", Refused, "bad_signature_name"),
        ("InvalidParameterValue.TemplateParameterLengthLimit", Refused, "bad_fields"),
        ("LimitExceeded.PhoneNumberDailyLimit", Unavailable, "limit_reached"),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", Unavailable, "limit_reached"),
        ("RequestLimitExceeded", Unavailable, "limit_reached"),
        ("FailedOperation.InsufficientBalanceInSmsPackage", Unavailable, "no_credit"),
        ("UnauthorizedOperation.RequestIpNotInWhitelist", Unavailable, "address_not_allowed"),
        ("UnauthorizedOperation.SmsSdkAppIdVerifyFail", Unavailable, "bad_credentials"),
        ("InternalError.Timeout", Unavailable, "provider_busy"),
        ("FailedOperation.OtherError", Unavailable, "provider_refused"),
    ],
)
def test_each_refusal_is_understood_of_a_call_and_of_a_number(
    sms: TencentSms, tencent: Tencent, code: str, kind: type[Exception], cause: str
) -> None:
    tencent.of_numbers = {f"+86{NUMBERS[0]}": code}
    for error in ("", code):
        tencent.error = error
        with pytest.raises(kind) as failed:
            sms.send(to(NUMBERS[0]))
        assert failed.value.code == cause  # type: ignore[attr-defined]
    assert tencent.taken == []


def test_wrong_keys_and_no_answer(provider: Provider, sms: TencentSms, tencent: Tencent) -> None:
    tencent.key = "OTHER"
    with pytest.raises(Unavailable) as failed:
        sms.send(to(NUMBERS[0]))
    assert failed.value.code == "bad_credentials"
    provider.answer("/", (502, "bad gateway"), {"Nothing": 1}, {"Response": {"SendStatusSet": []}})
    for _time in range(3):
        assert {type(one) for one in sms.send_all([to(one) for one in NUMBERS], "m")} == {Unanswered}
    nowhere = client("http://127.0.0.1:9")
    assert {type(one) for one in nowhere.send_all([to(one) for one in NUMBERS], "m")} == {Unavailable}


def test_a_try_without_an_end_is_looked_up_where_the_records_tell(provider: Provider, tencent: Tencent) -> None:
    mark = f"{clock.today():%Y%m%d}-abc"
    sms = client(provider.url, has_session=True)
    assert (sms.portion, client(provider.url).portion) == (200, 8)
    sms.send_all([to(one) for one in NUMBERS[:2]], mark)
    sms.send(to(NUMBERS[2]))
    told = sms.send_all([to(one, earlier=mark) for one in NUMBERS[:4]], "m")
    assert told == ["2027:0", "2027:1", "2027:2", "2027:3"]
    assert len(tencent.taken) == 4
    tencent.error = "RequestLimitExceeded"
    assert {type(one) for one in sms.send_all([to(NUMBERS[0], earlier=mark)], "m")} == {Unanswered}


def test_the_records_tell_what_arrived(sms: TencentSms, tencent: Tencent) -> None:
    numbers = NUMBERS[8:11]
    handed = [Handed(f"notice-{one}", one, str(sms.send(to(one))), clock.now()) for one in numbers]
    told = {one.key: (one.delivered, one.detail) for one in sms.reports(handed)}
    assert told == {
        "notice-13800000008": (True, ""),
        "notice-13800000009": (False, "MI:0013"),
        "notice-13800000010": (True, ""),
    }
    tencent.error = "RequestLimitExceeded"
    assert sms.reports(handed) == []
