"""A gateway of a school's own, or of a carrier, that sends the words of a notice as they are (contract: README.md).

Each message has an id: the gateway recognises a repetition by it, so that what may have arrived is simply sent again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.base import clock
from app.base.outward import Answer
from app.notices.channels.base import (
    Handed,
    Message,
    Outcome,
    Refused,
    Report,
    Unanswered,
    Unavailable,
    ask,
    json_object,
    outcome,
    provider,
)
from app.notices.channels.sms.base import SIGN_NAME, Provider, SmsChannel, number_of
from app.notices.cutting import cut
from config import SettingsError

ACCEPTED, REFUSED, BUSY = "accepted", "refused", "busy"
WAITING, DELIVERED, UNDELIVERED = "waiting", "delivered", "undelivered"
A_CALL = 100  # messages
TIMESTAMP, SIGNATURE = "X-Timestamp", "X-Signature"
_LONGEST = "300"  # signs of a message: what is longer costs as much as five
# What the gateway may say of one message; for good, or for now. Anything else is refused for a reason of its own.
_FINAL = {"bad_number", "forbidden_words", "unsubscribed", "bad_signature_name"}
_PASSING = {"limit_reached", "no_credit", "provider_busy"}
_STATUSES = {401: "bad_credentials", 403: "bad_credentials", 402: "no_credit", 429: "limit_reached"}


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in X-Signature: HMAC-SHA256 over the time, a point and the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def shows_who_calls(token: str, secret: str, body: bytes) -> dict[str, str]:
    """The headers by which one side knows the other: a token, or a signature, or both."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if secret:
        headers[TIMESTAMP] = str(int(clock.now().timestamp()))
        headers[SIGNATURE] = signed(secret, headers[TIMESTAMP], body)
    return headers


def bracketed(sign_name: str) -> str:
    """The signature as carriers demand it before each message."""
    return f"【{sign_name.strip('【】 ')}】"


class GatewaySms(SmsChannel):
    """Hands over texts, a hundred a call; each has an answer of its own."""

    portion = A_CALL

    def __init__(self, url: str, *, sign_name: str, token: str = "", secret: str = "", longest: int = 300) -> None:
        self._token, self._secret = token, secret
        self._before, self._longest = bracketed(sign_name), longest
        self._client = provider(f"{url.rstrip('/')}/", partner="SMS_GATEWAY")

    def send(self, message: Message) -> str:
        """One alone; returns the gateway's receipt."""
        told = self.send_all([message], "")[0]
        if isinstance(told, Exception):
            raise told
        return told

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """One call for all that have a number; what became of each."""
        found: dict[str, Outcome] = {}
        going = []
        for one in messages:
            number = outcome(number_of, one)
            if isinstance(number, Exception):
                found[one.key] = number
            else:
                going.append({"id": one.key, "to": number, "text": self._text(one)})
        if going:
            try:
                found |= read_results(self._asked("messages", {"messages": going}))
            except (Refused, Unavailable) as error:
                found |= {one["id"]: error for one in going}
        return [found.get(one.key) or Unanswered("not_understood", "no result") for one in messages]

    def reports(self, handed: Sequence[Handed]) -> list[Report]:
        """One call for all."""
        listed = self._asked("reports", {"ids": [one.key for one in handed]}).get("reports")
        told = [_report(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return [one for one in told if one is not None]

    def _text(self, message: Message) -> str:
        words = " ".join(message.text.split()) or message.title
        return self._before + cut(words, self._longest - len(self._before))

    def _asked(self, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = shows_who_calls(self._token, self._secret, body)
        return ask(self._client, "POST", path, read=_read, content=body, headers=headers)


def read_results(answer: Mapping[str, Any]) -> dict[str, Outcome]:
    """What the gateway says of each message, by its id; what cannot be read is left out."""
    listed = answer.get("results")
    named = [one for one in listed if isinstance(one, dict) and one.get("id")] if isinstance(listed, list) else []
    return {str(one["id"]): told for one in named if (told := _outcome(one)) is not None}


def _outcome(told: Mapping[str, Any]) -> Outcome | None:
    status, code = told.get("status"), str(told.get("code") or "")
    problem = str(told.get("problem") or "")[:200]
    if status == ACCEPTED:
        return str(told.get("receipt") or told["id"])
    if status == REFUSED:
        return Refused(code, problem) if code in _FINAL else Refused("gateway_refused", f"{code} {problem}".strip())
    if status == BUSY:
        return Unavailable(code if code in _PASSING else "provider_busy", problem)
    return None


def _report(told: Mapping[str, Any]) -> Report | None:
    key, status = str(told.get("id") or ""), told.get("status")
    if status == DELIVERED:
        return Report(key, True, _moment(told.get("at")))
    if status != UNDELIVERED:
        return None
    code, problem = str(told.get("code") or ""), str(told.get("problem") or "")[:200]
    known = code if code in _FINAL else "undelivered"
    return Report(key, False, code=known, detail=f"{code} {problem}".strip())


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=clock.SHANGHAI)


def _read(answer: Answer) -> dict[str, Any]:
    if answer.status == 200:
        return json_object(answer)
    told = answer.content[:200].decode(errors="replace")
    raise Unavailable(_STATUSES.get(answer.status, "provider_refused"), f"HTTP {answer.status} {told}".strip())


def _made(values: Mapping[str, str]) -> GatewaySms:
    url, token, secret = (values.get(f"SMS_GATEWAY_{name}", "") for name in ("URL", "TOKEN", "SECRET"))
    if not url.startswith(("http://", "https://")):
        raise SettingsError("SMS_GATEWAY_URL must be the address (http or https) of the SMS gateway.")
    if not token and not secret:
        raise SettingsError("SMS_GATEWAY_URL needs SMS_GATEWAY_TOKEN or SMS_GATEWAY_SECRET, by which it knows us.")
    longest = values.get("SMS_GATEWAY_LENGTH") or _LONGEST
    if not (longest.isascii() and longest.isdigit() and 60 <= int(longest) <= 1000):
        raise SettingsError(f"SMS_GATEWAY_LENGTH must be a number of signs from 60 to 1000, not {longest!r}.")
    return GatewaySms(url, sign_name=values[SIGN_NAME], token=token, secret=secret, longest=int(longest))


PROVIDER = Provider(
    ("SMS_GATEWAY_URL", "SMS_GATEWAY_TOKEN", "SMS_GATEWAY_SECRET"), ("SMS_GATEWAY_URL", SIGN_NAME), _made
)
