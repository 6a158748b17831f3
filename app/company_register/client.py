"""The client of the company register: one question, tried once, two seconds at most (contract: README.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import httpx

from app.base.settings import once
from app.ems.breaker import Breaker
from app.ems.deadline import DeadlineTransport, within
from config import Settings

SECONDS = 2.0
_LONGEST_STATE = 32
_MAX_ANSWER = 64 * 1024


class RegisterUnavailable(Exception):
    """The register did not answer, not in time, or not sensibly."""


@dataclass(frozen=True)
class Entry:
    """What the register says of a unit."""

    state: str
    since: date | None


class RegisterClient:
    """Asks one register; safe for threads, not across a fork."""

    def __init__(self, url: str, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker()
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/",
            headers={"Accept": "application/json"},
            transport=DeadlineTransport(),
            timeout=SECONDS,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, uscc: str) -> Entry | None:
        """The unit's entry, None when the register does not know it. Raises RegisterUnavailable."""
        if not self.breaker.lets_pass():
            raise RegisterUnavailable("not tried: it did not answer a moment ago")
        try:
            with within(SECONDS):
                entry = self._exchange(f"units/{quote(uscc, safe='')}")
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            self.breaker.failed()
            raise RegisterUnavailable(repr(error)) from error
        self.breaker.succeeded()
        return entry

    def _exchange(self, path: str) -> Entry | None:
        with self._http.stream("GET", path) as response:
            if response.status_code == 404:
                return None
            if response.status_code != 200:
                raise ValueError(f"answered {response.status_code}")
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > _MAX_ANSWER:
                    raise ValueError("the answer is longer than any answer can be")
        return _read(json.loads(content))


def _read(answer: Any) -> Entry:
    state, since = answer["state"], answer.get("since")
    if not isinstance(state, str):
        raise TypeError("no state that could be shown")
    if not 0 < len(state) <= _LONGEST_STATE or not state.isprintable():
        raise ValueError("no state that could be shown")
    return Entry(state, date.fromisoformat(since) if since else None)


@once
def own_client(settings: Settings) -> RegisterClient | None:
    """The client of this process, None where no register is configured; nothing is opened until it is needed."""
    return RegisterClient(settings.register_url) if settings.register_url else None
