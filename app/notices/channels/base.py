"""What every channel is: it finds addresses, masks them, and hands one message to its provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from app.workflow.delivery import GiveUp

TIMEOUT = httpx.Timeout(10, connect=5)  # seconds; shorter than the pause after which the sweeper tries again


@dataclass(frozen=True)
class Message:
    """One notice for one reader. `key` stays the same when it is sent again, so that a provider can see it."""

    key: str
    to: str
    title: str
    text: str
    url: str
    template: str = ""  # what the provider calls this notice
    fields: Mapping[str, str] = field(default_factory=dict)


class Refused(GiveUp):
    """The provider will never take this message as it is; `code` says why (app.notices.explanations)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_words(code, detail))
        self.code = code


class Unavailable(Exception):
    """The provider cannot take it now; trying later may help. `code` as above."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_words(code, detail))
        self.code = code


def _words(code: str, detail: str) -> str:
    return f"{code}: {detail}" if detail else code


class Channel(Protocol):
    """One way to reach people outside the site."""

    name: str
    voluntary: bool  # readers choose it themselves: who has no address is left out, which is no failure

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The addresses of those of the users who can be reached."""
        ...

    def mask(self, address: str) -> str:
        """The address as operators may read it."""
        ...

    def send(self, message: Message) -> str:
        """Hand the message over; returns the provider's receipt. Raises Refused or Unavailable."""
        ...


def ask(client: httpx.Client, method: str, url: str, **options: Any) -> dict[str, Any]:
    """One call to a provider, its answer as a JSON object; raises Unavailable when there is none."""
    try:
        answer = client.request(method, url, **options)
    except httpx.HTTPError as error:
        raise Unavailable("unreachable", type(error).__name__) from error
    if answer.status_code >= 500:
        raise Unavailable("provider_busy", f"HTTP {answer.status_code}")
    try:
        body = answer.json()
    except ValueError:
        raise Unavailable("not_understood", f"HTTP {answer.status_code}") from None
    if not isinstance(body, dict):
        raise Unavailable("not_understood", f"HTTP {answer.status_code}")
    return body
