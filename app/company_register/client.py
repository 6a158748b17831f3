"""The client of the company register: one question, tried once, two seconds at most (contract: README.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from app.base.breaker import Breaker
from app.base.outward import Answer, Outward, OutwardError
from app.base.settings import once
from config import Settings

SECONDS = 2.0
_LONGEST_STATE, _LONGEST_NAME = 32, 128
_MAX_ANSWER = 64 * 1024


class RegisterUnavailable(Exception):
    """The register did not answer, not in time, or not sensibly."""


@dataclass(frozen=True)
class Entry:
    """What the register says of a unit."""

    state: str
    since: date | None
    name: str = ""  # as registered; "" where the register tells none
    founded: date | None = None


class RegisterClient:
    """Asks one register; safe for threads, not across a fork."""

    def __init__(self, url: str, breaker: Breaker | None = None) -> None:
        self._outward = Outward(
            f"{url.rstrip('/')}/", seconds=SECONDS, longest=_MAX_ANSWER, breaker=breaker, partner="REGISTER"
        )

    def close(self) -> None:
        self._outward.close()

    def ask(self, uscc: str) -> Entry | None:
        """The unit's entry, None when the register does not know it. Raises RegisterUnavailable."""
        try:
            return self._outward.call("GET", f"units/{quote(uscc, safe='')}", _entry)
        except OutwardError as error:
            raise RegisterUnavailable(str(error)) from error


def _entry(answer: Answer) -> Entry | None:
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise ValueError(f"answered {answer.status}")
    return read_entry(answer.json())


def read_entry(answer: Any) -> Entry:
    """The entry in an answer; raises KeyError, TypeError or ValueError when it is none that could be shown."""
    state, since, founded = answer["state"], answer.get("since"), answer.get("founded")
    if not isinstance(state, str):
        raise TypeError("no state that could be shown")
    if not 0 < len(state) <= _LONGEST_STATE or not state.isprintable():
        raise ValueError("no state that could be shown")
    name = answer.get("name") or ""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ValueError("no name that could be shown")
    return Entry(state, _day(since), name, _day(founded))


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


@once
def own_client(settings: Settings) -> RegisterClient | None:
    """The client of this process, None where no register is configured; nothing is opened until it is needed."""
    return RegisterClient(settings.register_url) if settings.register_url else None
