"""WeChat: template messages of the official account to readers who have bound it (R7.14, R10.1)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _

from app.base.masks import mask_account
from app.notices import channels
from app.notices.addresses import bound_addresses
from app.notices.channels.base import (
    Binding,
    Declaration,
    Message,
    Outcome,
    Refused,
    Unavailable,
    ask,
    in_lanes,
    provider,
)
from app.notices.channels.wechat_fields import fitted
from app.workflow.queues import redis
from config import SettingsError

NAME = "wechat"
_TOKEN_REFUSED = {40001, 40014, 42001, 42007}
_TAKEN = {0, 45065}  # 45065: a message with this client_msg_id was taken before
# What each code of WeChat means for us; the rest is worth another try.
_FINAL = {
    40003: "not_following",
    43004: "not_following",
    43101: "declined",
    43019: "declined",
    50005: "not_following",
    40037: "bad_template",
    41029: "bad_template",
    47001: "bad_fields",
    47003: "bad_fields",
    40165: "bad_link",
}
_PASSING = {
    -1: "provider_busy",
    45009: "limit_reached",
    45011: "limit_reached",
    43108: "provider_busy",
    40013: "bad_credentials",
    40125: "bad_credentials",
    40164: "address_not_allowed",
    61024: "bad_credentials",
}
_SPARE_SECONDS = 300  # a token is renewed so long before it ends, and no message meets an ended one


class WechatChannel:
    """A thin client of the official account; the token is shared by all workers through Redis.

    WeChat takes one message a call: several calls go at the same time, and a message that comes again is seen there.
    """

    name = NAME
    portion = 100
    voluntary = True
    binding = Binding(
        _("Bind your WeChat, and important notices also reach you there. Follow the official account first."),
        browser="MicroMessenger",
        login=_("Log in with WeChat"),
    )

    def __init__(self, app_id: str, secret: str, *, base_url: str, template: str = "", authorize_url: str = "") -> None:
        self.app_id, self._secret, self._template = app_id, secret, template
        self._authorize_url = authorize_url
        self._client = provider(base_url)
        self._token_key = f"wechat:token:{app_id}"
        self._renewing = threading.Lock()

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The openid of those who have bound the account."""
        return bound_addresses(NAME, user_ids)

    def mask(self, address: str) -> str:
        """Begin and end of the openid."""
        return mask_account(address)

    def send(self, message: Message) -> str:
        """Send a template message; returns WeChat's message id."""
        template = message.template or self._template
        if not template or not message.fields:
            raise Refused("no_template", message.title)
        body = {
            "touser": message.to,
            "template_id": template,
            "url": message.url,
            "client_msg_id": message.key,  # WeChat drops a second one with the same
            "data": {name: {"value": fitted(name, text)} for name, text in message.fields.items()},
        }
        answer = self._with_token("/cgi-bin/message/template/send", body)
        return str(answer.get("msgid", ""))

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """Each by a call of its own, over connections that stay open."""
        return in_lanes(self.send, messages)

    def rest(self) -> None:
        """Connections end by themselves."""

    def authorize_address(self, return_to: str, state: str) -> str:
        """Where a reader's WeChat asks for the openid, and comes back to `return_to` with a code."""
        asked = {
            "appid": self.app_id,
            "redirect_uri": return_to,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self._authorize_url}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"

    def address_for(self, code: str) -> str:
        """The openid behind the code that WeChat gave the reader; raises Refused or Unavailable."""
        asked = {"appid": self.app_id, "secret": self._secret, "code": code, "grant_type": "authorization_code"}
        answer = ask(self._client, "GET", "/sns/oauth2/access_token", params=asked)
        if not answer.get("openid"):
            raise Refused("bad_code", _told(answer))
        return str(answer["openid"])

    def _with_token(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        """Post with the shared token; one that WeChat no longer takes is fetched anew, once gently, once by force."""
        token = ""
        for _attempt in range(3):
            token = self._token(refused=token)
            answer = ask(self._client, "POST", path, params={"access_token": token}, json=message)
            code = _code(answer)
            if code in _TAKEN:
                return answer
            if code not in _TOKEN_REFUSED:
                break
        raise _error(answer)

    def _token(self, refused: str = "") -> str:
        with self._renewing:  # who waited finds the new one
            return self._known_or_new(refused)

    def _known_or_new(self, refused: str) -> str:
        kept = redis().get(self._token_key)
        known = kept.decode() if isinstance(kept, bytes) else kept
        if known and known != refused:
            return known
        answer = self._fetch_token(force=False)
        if answer["access_token"] == refused:
            answer = self._fetch_token(force=True)
        seconds = max(int(answer.get("expires_in", 7200)) - _SPARE_SECONDS, 60)
        redis().set(self._token_key, answer["access_token"], ex=seconds)
        return str(answer["access_token"])

    def _fetch_token(self, *, force: bool) -> dict[str, Any]:
        asked = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer = ask(self._client, "POST", "/cgi-bin/stable_token", json=asked)
        if not answer.get("access_token"):
            raise _error(answer)
        return answer


def _code(answer: Mapping[str, Any]) -> int:
    try:
        return int(answer.get("errcode") or 0)
    except (TypeError, ValueError):
        return -1


def _told(answer: Mapping[str, Any]) -> str:
    return f"{_code(answer)} {str(answer.get('errmsg', ''))[:200]}".strip()


def _error(answer: Mapping[str, Any]) -> Exception:
    code = _code(answer)
    if code in _FINAL:
        return Refused(_FINAL[code], _told(answer))
    return Unavailable(_PASSING.get(code, "provider_refused"), _told(answer))


def _make(values: Mapping[str, str]) -> WechatChannel | None:
    app_id, secret = values.get("WECHAT_APP_ID", ""), values.get("WECHAT_APP_SECRET", "")
    if not app_id and not secret:
        return None
    if not app_id or not secret:
        raise SettingsError("WeChat needs both WECHAT_APP_ID and WECHAT_APP_SECRET, or neither.")
    return WechatChannel(
        app_id,
        secret,
        base_url=values.get("WECHAT_BASE_URL", "https://api.weixin.qq.com"),
        authorize_url=values.get("WECHAT_AUTHORIZE_URL", "https://open.weixin.qq.com"),
        template=values.get("WECHAT_TEMPLATE_ID", ""),
    )


channels.declare(
    Declaration(
        NAME,
        label=_("WeChat"),
        settings="WECHAT_",
        make=_make,
        causes={
            "not_following": _("The reader no longer follows the official account."),
            "declined": _("The reader does not want messages of this kind."),
            "bad_link": _(
                "WeChat does not accept the link. Please register this site's domain with the official account."
            ),
            "address_not_allowed": _(
                "WeChat does not allow this server's address. Please add it to the list of allowed addresses."
            ),
        },
    )
)
