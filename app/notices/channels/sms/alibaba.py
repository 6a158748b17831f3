"""A thin client of Alibaba Cloud's short message service, signed over plain HTTP (R10.1, R10.3).

Many at once go by SendBatchSms, a hundred numbers a call, each with its own words. The service knows no repetition: a
message whose earlier try has no answer is looked up in its records before it is sent again, as it advises.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.base import clock
from app.notices.channels.base import (
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
from app.notices.channels.sms.alibaba_signature import Call, signed_headers
from app.notices.channels.sms.base import SIGN_NAME, Provider, SmsChannel, number_of
from app.notices.cutting import cut

_VERSION = "2017-05-25"
_A_CALL = 100  # numbers
_LONGEST_VALUE = 35  # characters that a variable of a notice template may have
_FINAL = {
    "isv.MOBILE_NUMBER_ILLEGAL": "bad_number",
    "isv.BLACK_KEY_CONTROL_LIMIT": "forbidden_words",
    "isv.PARAM_NOT_SUPPORT_URL": "bad_fields",
    "isv.SMS_TEMPLATE_ILLEGAL": "bad_template",
    "isv.SMS_SIGNATURE_ILLEGAL": "bad_signature_name",
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": "bad_signature_name",
    "isv.TEMPLATE_MISSING_PARAMETERS": "bad_fields",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "bad_fields",
    "isv.INVALID_PARAMETERS": "bad_fields",
    "isv.INVALID_JSON_PARAM": "bad_fields",
    "isv.PARAM_LENGTH_LIMIT": "bad_fields",
}
_PASSING = {
    "isv.BUSINESS_LIMIT_CONTROL": "limit_reached",
    "isv.DAY_LIMIT_CONTROL": "limit_reached",
    "isv.MONTH_LIMIT_CONTROL": "limit_reached",
    "isv.AMOUNT_NOT_ENOUGH": "no_credit",
    "isv.OUT_OF_SERVICE": "no_credit",
    "isv.ACCOUNT_ABNORMAL": "no_credit",
    "isp.RAM_PERMISSION_DENY": "bad_credentials",
    "SignatureDoesNotMatch": "bad_credentials",
    "InvalidAccessKeyId.NotFound": "bad_credentials",
    "InvalidAccessKeyId.Inactive": "bad_credentials",
}
_FAILED, _ARRIVED = "2", "3"  # SendStatus; 1: the carrier has said nothing yet
_LOST = {
    "MOBILE_NOT_ON_SERVICE": "no_service",
    "MOBILE_IN_BLACK": "unsubscribed",
    "CONTENT_KEYWORD": "forbidden_words",
}
# Of many numbers one may be the cause: each is tried alone.
_ABOUT_ONE = {
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.BUSINESS_LIMIT_CONTROL",
    *(code for code, cause in _FINAL.items() if cause == "bad_fields"),
}


class AlibabaSms(SmsChannel):
    """Hands messages to the service; its records know them by OutId: their key, or the mark of the try they went with."""

    portion = _A_CALL

    def __init__(self, access_key: str, secret: str, *, base_url: str, sign_name: str, template: str = "") -> None:
        self._key, self._secret = access_key, secret
        self._sign_name, self._template = sign_name, template
        self._client = provider(base_url)

    def send(self, message: Message) -> str:
        """Send by the provider's template; returns its receipt."""
        if message.earlier and self._is_known(message):
            return f"known:{message.earlier}"
        asked = {
            "PhoneNumbers": number_of(message),
            "SignName": self._sign_name,
            "TemplateCode": self._template_of(message),
            "TemplateParam": json.dumps(_values(message), ensure_ascii=False),
            "OutId": message.key,
        }
        return str(self._call("SendSms", asked).get("BizId", ""))

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """As few calls as they need; what became of each."""
        found: dict[str, Outcome] = {}
        for template, batch in self._batches(messages, found):
            try:
                receipt: Outcome = self._send_batch(template, batch, mark)
            except (Refused, Unavailable) as error:
                if error.detail.partition(" ")[0] in _ABOUT_ONE:
                    continue
                receipt = error
            found |= {one.key: receipt for one in batch}
        alone = [one for one in messages if one.key not in found]
        found |= zip([one.key for one in alone], in_lanes(self.send, alone), strict=True)
        return [found[one.key] for one in messages]

    def _batches(self, messages: Sequence[Message], refused: dict[str, Outcome]) -> Iterator[tuple[str, list[Message]]]:
        """What can go in one call: fresh messages of one template, no number twice; the rest goes alone."""
        by_template: dict[str, dict[str, Message]] = {}
        for message in messages:
            try:
                number, template = number_of(message), self._template_of(message)
            except Refused as error:
                refused[message.key] = error
                continue
            if not message.earlier:
                by_template.setdefault(template, {}).setdefault(number, message)
        for template, own in by_template.items():
            several = list(own.values())
            for start in range(0, len(several), _A_CALL):
                if len(batch := several[start : start + _A_CALL]) > 1:
                    yield template, batch

    def _send_batch(self, template: str, batch: Sequence[Message], mark: str) -> str:
        """One receipt for all: with the number it names each."""
        form = {
            "PhoneNumberJson": json.dumps([number_of(one) for one in batch]),
            "SignNameJson": json.dumps([self._sign_name] * len(batch), ensure_ascii=False),
            "TemplateParamJson": json.dumps([_values(one) for one in batch], ensure_ascii=False),
        }
        return str(self._call("SendBatchSms", {"TemplateCode": template, "OutId": mark}, form).get("BizId", ""))

    def _is_known(self, message: Message) -> bool:
        """Whether the provider's records have the message from an earlier try; False where it does not say."""
        wanted, today = {message.key, message.earlier}, clock.today()
        begun = date.fromisoformat(message.earlier[:8])
        for day in sorted({begun, max(begun, today - timedelta(days=1)), today}):
            asked = {
                "PhoneNumber": number_of(message),
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": "50",
                "CurrentPage": "1",
            }
            try:
                told = self._call("QuerySendDetails", asked)
            except (Refused, Unavailable) as error:
                if isinstance(error, Unanswered) or error.code in ("limit_reached", "unreachable"):
                    raise Unanswered(error.code, error.detail) from error
                return False
            if wanted & {str(one.get("OutId")) for one in _records(told)}:
                return True
        return False

    def reports(self, handed: Sequence[Handed]) -> list[Report]:
        """Each number is asked for alone; where one is not told of, the others are."""
        asked = [Message(one.key, one.to, "", "", "", earlier=one.receipt) for one in handed]
        days = {one.key: f"{one.at.astimezone(clock.SHANGHAI):%Y%m%d}" for one in handed}
        found: dict[str, Report] = {}

        def ask_one(message: Message) -> str:
            known = message.earlier.removeprefix("known:")
            own = {} if known != message.earlier else {"BizId": known}
            page = {"PageSize": "50", "CurrentPage": "1"}
            where = {"PhoneNumber": number_of(message), "SendDate": days[message.key], **page, **own}
            for record in _records(self._call("QuerySendDetails", where)):
                if own or str(record.get("OutId")) in (known, message.key):
                    found.update(_report(message.key, record))
            return ""

        in_lanes(ask_one, asked)
        return list(found.values())

    def _template_of(self, message: Message) -> str:
        template = message.template or self._template
        if not template:
            raise Refused("no_template", message.title)
        return template

    def _call(
        self, action: str, parameters: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """One call, signed; raises what the provider's code means."""
        call = Call(action, _VERSION, self._client.host, dict(parameters), form=form or {})
        headers = signed_headers(call, self._key, self._secret)
        answer = ask(self._client, "POST", f"/?{call.query}", headers=headers, content=call.body)
        code = str(answer.get("Code", ""))
        if code == "OK":
            return answer
        told = f"{code} {str(answer.get('Message', ''))[:200]}".strip()
        if code in _FINAL:
            raise Refused(_FINAL[code], told)
        busy = "limit_reached" if code.startswith("Throttling") else "provider_refused"
        raise Unavailable(_PASSING.get(code, busy), told)


def _values(message: Message) -> dict[str, str]:
    return {name: cut(" ".join(text.split()), _LONGEST_VALUE) for name, text in message.fields.items()}


def _records(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = answer.get("SmsSendDetailDTOs")
    listed = found.get("SmsSendDetailDTO") if isinstance(found, dict) else None
    return [one for one in listed or () if isinstance(one, dict)]


def _report(key: str, record: Mapping[str, Any]) -> dict[str, Report]:
    status, code = str(record.get("SendStatus")), str(record.get("ErrCode") or "")
    if status == _ARRIVED:
        return {key: Report(key, True, _moment(record.get("ReceiveDate")))}
    return {key: Report(key, False, code=_LOST.get(code, "undelivered"), detail=code)} if status == _FAILED else {}


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


def _made(values: Mapping[str, str]) -> AlibabaSms:
    return AlibabaSms(
        values["SMS_ACCESS_KEY"],
        values["SMS_ACCESS_SECRET"],
        base_url=values.get("SMS_BASE_URL", "https://dysmsapi.aliyuncs.com"),
        sign_name=values[SIGN_NAME],
        template=values.get("SMS_TEMPLATE_CODE", ""),
    )


_OWN = ("SMS_ACCESS_KEY", "SMS_ACCESS_SECRET")
PROVIDER = Provider(_OWN, (*_OWN, SIGN_NAME), _made)
