"""SMS: a thin client of Alibaba Cloud's short message service, signed over plain HTTP (R10.1, R10.3)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _

from app.base.masks import mask_phone
from app.notices import channels
from app.notices.addresses import mobiles_of
from app.notices.channels.base import Declaration, Message, Refused, Unavailable, ask, provider
from app.notices.channels.signature import Call, signed_headers
from app.notices.cutting import cut
from config import SettingsError

NAME = "sms"
_VERSION = "2017-05-25"
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


class SmsChannel:
    """Sends one message at a time; the provider sees a repetition by its OutId in the records."""

    name = NAME
    voluntary = False

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
        number = re.sub(r"[\s-]", "", message.to).removeprefix("+86")
        if not re.fullmatch(r"1[3-9]\d{9}", number):
            raise Refused("bad_number")
        template = message.template or self._template
        if not template:
            raise Refused("no_template", message.title)
        values = {name: cut(" ".join(text.split()), _LONGEST_VALUE) for name, text in message.fields.items()}
        answer = self._call(
            {
                "PhoneNumbers": number,
                "SignName": self._sign_name,
                "TemplateCode": template,
                "TemplateParam": json.dumps(values, ensure_ascii=False),
                "OutId": message.key,
            }
        )
        return str(answer.get("BizId", ""))

    def _call(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """SendSms, signed; raises what the provider's code means."""
        call = Call("SendSms", _VERSION, self._client.host, dict(parameters))
        headers = signed_headers(call, self._key, self._secret)
        answer = ask(self._client, "POST", f"/?{call.query}", headers=headers)
        code = str(answer.get("Code", ""))
        if code == "OK":
            return answer
        told = f"{code} {str(answer.get('Message', ''))[:200]}".strip()
        if code in _FINAL:
            raise Refused(_FINAL[code], told)
        busy = "limit_reached" if code.startswith("Throttling") else "provider_refused"
        raise Unavailable(_PASSING.get(code, busy), told)


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
