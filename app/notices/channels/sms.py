"""SMS: a thin client of Alibaba Cloud's short message service, signed over plain HTTP (R10.1, R10.3).

Many at once go by SendBatchSms, a hundred numbers a call, each with its own words. The service knows no repetition: a
message whose earlier try has no answer is looked up in its records before it is sent again, as it advises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from app.base import clock
from app.base.masks import mask_phone
from app.notices import channels
from app.notices.addresses import mobiles_of
from app.notices.channels.base import (
    Declaration,
    Message,
    Outcome,
    Refused,
    Unanswered,
    Unavailable,
    ask,
    in_lanes,
    provider,
)
from app.notices.channels.signature import Call, signed_headers
from app.notices.cutting import cut
from config import SettingsError

NAME = "sms"
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
# Of many numbers one may be the cause: each is tried alone.
_ABOUT_ONE = {
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.BUSINESS_LIMIT_CONTROL",
    *(code for code, cause in _FINAL.items() if cause == "bad_fields"),
}


class SmsChannel:
    """Hands messages to the service; its records know them by OutId: their key, or the mark of the try they went with."""

    name = NAME
    voluntary = False
    portion = _A_CALL

    def __init__(self, access_key: str, secret: str, *, base_url: str, sign_name: str, template: str = "") -> None:
        self._key, self._secret = access_key, secret
        self._sign_name, self._template = sign_name, template
        self._client = provider(base_url)

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The mobile numbers that the platform has."""
        return mobiles_of(user_ids)

    def mask(self, address: str) -> str:
        """138****5678."""
        return mask_phone(address)

    def send(self, message: Message) -> str:
        """Send by the provider's template; returns its receipt."""
        if message.earlier and self._is_known(message):
            return f"known:{message.earlier}"
        asked = {
            "PhoneNumbers": _number(message),
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

    def rest(self) -> None:
        """Connections end by themselves."""

    def _batches(self, messages: Sequence[Message], refused: dict[str, Outcome]) -> Iterator[tuple[str, list[Message]]]:
        """What can go in one call: fresh messages of one template, no number twice; the rest goes alone."""
        by_template: dict[str, dict[str, Message]] = {}
        for message in messages:
            try:
                number, template = _number(message), self._template_of(message)
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
            "PhoneNumberJson": json.dumps([_number(one) for one in batch]),
            "SignNameJson": json.dumps([self._sign_name] * len(batch), ensure_ascii=False),
            "TemplateParamJson": json.dumps([_values(one) for one in batch], ensure_ascii=False),
        }
        return str(self._call("SendBatchSms", {"TemplateCode": template, "OutId": mark}, form).get("BizId", ""))

    def _is_known(self, message: Message) -> bool:
        """Whether the provider's records have the message from an earlier try; False where it does not say."""
        wanted, today = {message.key, message.earlier}, clock.today()
        begun = date.fromisoformat(message.earlier[:8])
        for day in sorted({begun, max(begun, today - timedelta(days=1)), today}):
            asked = {"PhoneNumber": _number(message), "SendDate": f"{day:%Y%m%d}", "PageSize": "50", "CurrentPage": "1"}
            try:
                told = self._call("QuerySendDetails", asked)
            except (Refused, Unavailable) as error:
                if isinstance(error, Unanswered) or error.code in ("limit_reached", "unreachable"):
                    raise Unanswered(error.code, error.detail) from error
                return False
            if wanted & {str(one.get("OutId")) for one in _records(told)}:
                return True
        return False

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


def _number(message: Message) -> str:
    number = re.sub(r"[\s-]", "", message.to).removeprefix("+86")
    if not re.fullmatch(r"1[3-9]\d{9}", number):
        raise Refused("bad_number")
    return number


def _values(message: Message) -> dict[str, str]:
    return {name: cut(" ".join(text.split()), _LONGEST_VALUE) for name, text in message.fields.items()}


def _records(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = answer.get("SmsSendDetailDTOs")
    listed = found.get("SmsSendDetailDTO") if isinstance(found, dict) else None
    return [one for one in listed or () if isinstance(one, dict)]


def _make(values: Mapping[str, str]) -> SmsChannel | None:
    needed = ("SMS_ACCESS_KEY", "SMS_ACCESS_SECRET", "SMS_SIGN_NAME")
    missing = [name for name in needed if not values.get(name)]
    if len(missing) == len(needed):
        return None
    if missing:
        raise SettingsError(f"SMS is configured by half: {', '.join(missing)} is missing.")
    return SmsChannel(
        values["SMS_ACCESS_KEY"],
        values["SMS_ACCESS_SECRET"],
        base_url=values.get("SMS_BASE_URL", "https://dysmsapi.aliyuncs.com"),
        sign_name=values["SMS_SIGN_NAME"],
        template=values.get("SMS_TEMPLATE_CODE", ""),
    )


channels.declare(
    Declaration(
        NAME,
        label=_("SMS"),
        settings="SMS_",
        make=_make,
        causes={
            "bad_number": _("The mobile number is wrong. Please have it corrected, then send again."),
            "bad_signature_name": _("The provider has not approved the SMS signature. Please check SMS_SIGN_NAME."),
        },
    )
)
