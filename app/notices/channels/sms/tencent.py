"""A thin client of Tencent Cloud's short message service, signed over plain HTTP (R10.1, R10.3).

Up to 200 numbers go by one call where they get the same words; others go by calls of their own, several at the same
time. Parameters of a template have places, no names: the order of the keywords is theirs.

The service knows no repetition. Who has asked it to keep what it is told at sending (SessionContext) says so by
SMS_TENCENT_SESSION: then a message whose earlier try has no answer is looked up in the records before it is sent again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.base import clock
from app.notices.channels.base import (
    LANES,
    Handed,
    Message,
    Outcome,
    Refused,
    Report,
    Unanswered,
    Unavailable,
    ask,
    in_lanes,
    provider,
)
from app.notices.channels.sms.base import SIGN_NAME, Provider, SmsChannel, number_of
from app.notices.channels.sms.tencent_signature import Call, signed_headers
from app.notices.cutting import cut

_VERSION = "2021-01-11"
_A_CALL = 200  # numbers
_LONGEST_VALUE = 35  # signs of a parameter, as for the other providers: what is longer tells nothing on a phone
_KEPT = timedelta(days=7)  # so far back the records can be read
# What a code means, by how it begins; the first that fits. The rest is worth another try.
_FINAL = {
    "InvalidParameterValue.IncorrectPhoneNumber": "bad_number",
    "FailedOperation.PhoneNumberParseFail": "bad_number",
    "FailedOperation.PhoneNumberInBlacklist": "unsubscribed",
    "FailedOperation.ContainSensitiveWord": "forbidden_words",
    "InvalidParameter.DirtyWordFound": "forbidden_words",
    "FailedOperation.MissingSignature": "bad_signature_name",
    "FailedOperation.SignatureIncorrectOrUnapproved": "bad_signature_name",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": "bad_fields",
    "FailedOperation.Template": "bad_template",
    "FailedOperation.MissingTemplate": "bad_template",
    "InvalidParameterValue.Template": "bad_fields",
    "InvalidParameterValue.ContentLengthLimit": "bad_fields",
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": "bad_fields",
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": "bad_template",
}
_PASSING = {
    "FailedOperation.InsufficientBalanceInSmsPackage": "no_credit",
    "UnauthorizedOperation.ServiceSuspendDueToArrears": "no_credit",
    "UnauthorizedOperation.RequestIpNotInWhitelist": "address_not_allowed",
    "UnauthorizedOperation": "bad_credentials",
    "AuthFailure": "bad_credentials",
    "InvalidParameterValue.SdkAppIdNotExist": "bad_credentials",
    "InvalidParameter.AppidAndBizId": "bad_credentials",
    "RequestLimitExceeded": "limit_reached",
    "LimitExceeded": "limit_reached",
    "InternalError": "provider_busy",
}


@dataclass(frozen=True)
class Account:
    """As whom the service is asked, and where."""

    secret_id: str
    key: str
    app: str  # SmsSdkAppId
    base_url: str
    region: str = ""


class TencentSms(SmsChannel):
    """Hands messages to the service; of each number it says what became of it."""

    def __init__(self, account: Account, *, sign_name: str, template: str = "", has_session: bool = False) -> None:
        self._account, self._sign_name, self._template = account, sign_name, template
        self._has_session = has_session
        self.portion = _A_CALL if has_session else LANES  # as many as may come twice when a worker is killed
        self._client = provider(account.base_url)

    def send(self, message: Message) -> str:
        """Send by the provider's template; returns its receipt."""
        if message.earlier and self._has_session and (known := self._known(message)):
            return known
        told = self._send([message], message.key)[message.key]
        if isinstance(told, Exception):
            raise told
        return told

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """As few calls as the words allow; what became of each."""
        found: dict[str, Outcome] = {}
        for batch in self._batches(messages, found):
            try:
                found |= self._send(batch, mark)
            except (Refused, Unavailable) as error:
                found |= dict.fromkeys((one.key for one in batch), error)
        alone = [one for one in messages if one.key not in found]
        found |= zip([one.key for one in alone], in_lanes(self.send, alone), strict=True)
        return [found[one.key] for one in messages]

    def _batches(self, messages: Sequence[Message], refused: dict[str, Outcome]) -> Iterator[list[Message]]:
        """Fresh messages with the same words, no number twice; the rest goes alone."""
        alike: dict[tuple[str, ...], dict[str, Message]] = {}
        for one in messages:
            try:
                number, words = number_of(one), (self._template_of(one), *_values(one))
            except Refused as error:
                refused[one.key] = error
                continue
            if not one.earlier:
                alike.setdefault(words, {}).setdefault(number, one)
        for own in alike.values():
            several = list(own.values())
            for start in range(0, len(several), _A_CALL):
                if len(batch := several[start : start + _A_CALL]) > 1:
                    yield batch

    def _template_of(self, message: Message) -> str:
        template = message.template or self._template
        if not template:
            raise Refused("no_template", message.title)
        return template

    def _send(self, batch: Sequence[Message], called: str) -> dict[str, Outcome]:
        """One call for numbers that get the same words; what became of each, by its key."""
        numbers = [f"+86{number_of(one)}" for one in batch]
        asked = {
            "PhoneNumberSet": numbers,
            "SmsSdkAppId": self._account.app,
            "SignName": self._sign_name,
            "TemplateId": self._template_of(batch[0]),
            "TemplateParamSet": _values(batch[0]),
            "SessionContext": called,
        }
        told = {str(one.get("PhoneNumber")): one for one in _listed(self._call("SendSms", asked), "SendStatusSet")}
        return {one.key: _outcome(told.get(number)) for one, number in zip(batch, numbers, strict=True)}

    def _known(self, message: Message) -> str:
        """The receipt of an earlier try that the records have; "" where they have none."""
        begun = datetime.combine(date.fromisoformat(message.earlier[:8]), time(), clock.SHANGHAI)
        wanted = (message.key, message.earlier)
        try:
            records = self._records(number_of(message), begun)
        except (Refused, Unavailable) as error:
            raise Unanswered(error.code, error.detail) from error
        return next((str(one.get("SerialNo")) for one in records if one.get("SessionContext") in wanted), "")

    def reports(self, handed: Sequence[Handed]) -> list[Report]:
        """Each number is asked for alone; where one is not told of, the others are."""
        asked = [Message(one.key, one.to, "", "", "", earlier=one.receipt) for one in handed]
        since = {one.key: one.at - timedelta(minutes=1) for one in handed}
        found: dict[str, Report] = {}

        def ask_one(message: Message) -> str:
            for record in self._records(number_of(message), since[message.key]):
                if record.get("SerialNo") == message.earlier and record.get("ReportStatus") in ("SUCCESS", "FAIL"):
                    found[message.key] = _report(message.key, record)
            return ""

        in_lanes(ask_one, asked)
        return list(found.values())

    def _records(self, number: str, since: datetime) -> list[Mapping[str, Any]]:
        begin = max(since, clock.now() - _KEPT)
        asked = {
            "BeginTime": int(begin.timestamp()),
            "Offset": 0,
            "Limit": 100,
            "PhoneNumber": f"+86{number}",
            "SmsSdkAppId": self._account.app,
        }
        return _listed(self._call("PullSmsSendStatusByPhoneNumber", asked), "PullSmsSendStatusSet")

    def _call(self, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One call, signed; raises what the provider's code means."""
        body = json.dumps(parameters, ensure_ascii=False).encode()
        own = self._account
        call = Call("sms", self._client.host, action, _VERSION, body, own.region)
        headers = signed_headers(call, own.secret_id, own.key)
        answer = ask(self._client, "POST", "/", headers=headers, content=body).get("Response")
        if not isinstance(answer, dict):
            raise Unanswered("not_understood", "no Response")
        if isinstance(error := answer.get("Error"), dict):
            raise _error(error)
        return answer


def _values(message: Message) -> list[str]:
    return [cut(" ".join(text.split()), _LONGEST_VALUE) for text in message.fields.values()]


def _report(key: str, record: Mapping[str, Any]) -> Report:
    if record["ReportStatus"] == "FAIL":
        return Report(key, False, detail=str(record.get("Description") or "")[:200])
    at = record.get("UserReceiveTime")
    return Report(key, True, datetime.fromtimestamp(at, UTC) if isinstance(at, int) and at > 0 else None)


def _listed(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = answer.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _outcome(told: Mapping[str, Any] | None) -> Outcome:
    if told is None:
        return Unanswered("not_understood", "no status of the number")
    return str(told.get("SerialNo") or "") if told.get("Code") == "Ok" else _error(told)


def _error(told: Mapping[str, Any]) -> Refused | Unavailable:
    code = str(told.get("Code", ""))
    words = f"{code} {str(told.get('Message', ''))[:200]}".strip()
    for beginning, cause in _FINAL.items():
        if code.startswith(beginning):
            return Refused(cause, words)
    passing = (cause for beginning, cause in _PASSING.items() if code.startswith(beginning))
    return Unavailable(next(passing, "provider_refused"), words)


def _made(values: Mapping[str, str]) -> TencentSms:
    account = Account(
        values["SMS_TENCENT_ID"],
        values["SMS_TENCENT_KEY"],
        values["SMS_TENCENT_APP"],
        values.get("SMS_TENCENT_URL", "https://sms.tencentcloudapi.com"),
        values.get("SMS_TENCENT_REGION", "ap-guangzhou"),
    )
    return TencentSms(
        account,
        sign_name=values[SIGN_NAME],
        template=values.get("SMS_TENCENT_TEMPLATE", ""),
        has_session=values.get("SMS_TENCENT_SESSION", "0") not in ("", "0"),
    )


_OWN = ("SMS_TENCENT_ID", "SMS_TENCENT_KEY", "SMS_TENCENT_APP")
PROVIDER = Provider(_OWN, (*_OWN, SIGN_NAME), _made)
