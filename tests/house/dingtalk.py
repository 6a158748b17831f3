"""DingTalk: messages of a group's robot that name readers who have bound it. A channel that the program does not know.

It stands here as it would in app/notices/channels; only `register` is for plugging it in from outside (EXTENSIONS).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Flask
from flask_babel import lazy_gettext as _

from app.base.masks import mask_account
from app.notices import channels
from app.notices.addresses import bound_addresses
from app.notices.channels.base import Binding, Declaration, Message, Refused, Unavailable, ask, provider
from config import SettingsError

NAME = "dingtalk"
_NEEDED = ("DINGTALK_CLIENT_ID", "DINGTALK_CLIENT_SECRET", "DINGTALK_ROBOT_TOKEN")
_FINAL = {300001: "no_robot", 310000: "bad_fields"}


class DingTalkChannel:
    """A thin client of the robot's address."""

    name = NAME
    voluntary = True
    binding = Binding(_("Bind DingTalk to be named in the group of your cohort."), browser="DingTalk", code="authCode")

    def __init__(self, values: Mapping[str, str]) -> None:
        self._id, self._secret, self._robot = (values[name] for name in _NEEDED)
        self._login = values.get("DINGTALK_LOGIN_URL", "https://login.dingtalk.com")
        self._client = provider(values.get("DINGTALK_BASE_URL", "https://api.dingtalk.com"))

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """Of those who have bound it."""
        return bound_addresses(NAME, user_ids)

    def mask(self, address: str) -> str:
        """Begin and end."""
        return mask_account(address)

    def send(self, message: Message) -> str:
        """To the group, the reader named; the robot gives no receipt, so the key is kept."""
        keywords = "".join(f"\n{name}: {text}" for name, text in message.fields.items())
        text = {"content": f"{message.title}\n{message.text}{keywords}\n{message.url}"}
        body = {"msgtype": "text", "text": text, "at": {"atUserIds": [message.to]}, "msgUuid": message.key}
        answer = ask(self._client, "POST", "/robot/send", params={"access_token": self._robot}, json=body)
        code, told = answer.get("errcode"), str(answer.get("errmsg", ""))
        if code in _FINAL:
            raise Refused(_FINAL[code], told)
        if code != 0:
            raise Unavailable("provider_refused", told)
        return message.key

    def authorize_address(self, return_to: str, state: str) -> str:
        """Where DingTalk asks the reader."""
        asked = {"redirect_uri": return_to, "client_id": self._id, "state": state, "scope": "openid"}
        return f"{self._login}/oauth2/auth?{urlencode({**asked, 'response_type': 'code'})}"

    def address_for(self, code: str) -> str:
        """The reader's id behind the code."""
        body = {"clientId": self._id, "clientSecret": self._secret, "code": code, "grantType": "authorization_code"}
        answer = ask(self._client, "POST", "/v1.0/oauth2/userAccessToken", json=body)
        if not answer.get("openId"):
            raise Refused("bad_code")
        return str(answer["openId"])


def _make(values: Mapping[str, str]) -> DingTalkChannel | None:
    missing = [name for name in _NEEDED if not values.get(name)]
    if len(missing) == len(_NEEDED):
        return None
    if missing:
        raise SettingsError(f"DingTalk is configured by half: {', '.join(missing)} is missing.")
    return DingTalkChannel(values)


channels.declare(
    Declaration(
        NAME,
        label=_("DingTalk"),
        settings="DINGTALK_",
        make=_make,
        causes={"no_robot": _("The robot was taken out of its group. Please put it back, then send again.")},
    )
)


def register(app: Flask) -> None:
    """Nothing more to do: the declaration is all."""
