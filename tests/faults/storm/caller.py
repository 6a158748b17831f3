"""Calls that are repeated with the same Idempotency-Key until somebody answers, and the book of what was acknowledged."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from random import Random
from typing import Any

import httpx

from tests.fixtures.application import PASSWORD

Step = tuple[str, int, str, str]  # workflow, case, event, kind of account
_PATIENCE = 180.0  # seconds in which every call is answered for good, whatever happens meanwhile
_HASTY = 0.06  # seconds after which somebody in a hurry has gone, and asks again


class Refused(Exception):
    """An answer for good that is not the one hoped for."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:400]}")
        self.errors = set(answer.json().get("errors") or ())


class Book:
    """What was acknowledged, and what was seen on the way."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.steps: Counter[Step] = Counter()
        self.operations = 0
        self.seen: Counter[str] = Counter()
        self.complaints: list[str] = []

    def acknowledge(self, *steps: Step) -> None:
        """One operation, of one or several steps."""
        with self.lock:
            self.steps.update(steps)
            self.operations += 1

    def note(self, what: str) -> None:
        """Count something that happened."""
        with self.lock:
            self.seen[what] += 1

    def complain(self, what: str) -> None:
        """Something that may never happen."""
        with self.lock:
            self.complaints.append(what)


class Caller:
    """The accounts of one thread at the API."""

    def __init__(self, url: str, book: Book, rng: Random) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=60)
        self.book, self.rng = book, rng
        self.tokens: dict[str, str] = {}

    def post(self, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send until it is answered; the answer of a 2xx. Raises Refused.

        Some do not wait for the answer and ask again at once; some ask again although they were answered.
        """
        key = str(uuid.UUID(int=self.rng.getrandbits(128)))
        first = self._until_answered(who, path, body, key, hasty=self.rng.random() < 0.1)
        if self.rng.random() < 0.15:
            self.book.note("repeated")
            again = self._until_answered(who, path, body, key)
            if again != first:
                self.book.complain(f"{path}: {key} was answered {first} and then {again}")
        return first

    def _until_answered(self, who: str, path: str, body: Any, key: str, *, hasty: bool = False) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            answer = self._sent(who, path, body, key, timeout=_HASTY if hasty else 60)
            hasty = False
            if answer is None:
                time.sleep(0.2)
            elif answer.is_success:
                return dict(answer.json())
            elif answer.status_code in (401, 429, 500, 502, 503):
                self.tokens.pop(who, None) if answer.status_code == 401 else None
                time.sleep(min(2.0, float(answer.headers.get("Retry-After", 0.5))))
            else:
                raise Refused(answer)
        raise AssertionError(f"{path} was not answered within {_PATIENCE:.0f} s: {dict(self.book.seen)}")

    def _sent(self, who: str, path: str, body: Any, key: str, *, timeout: float) -> httpx.Response | None:
        try:
            headers = {"Authorization": f"Bearer {self._token(who)}", "Idempotency-Key": key}
            answer = self.http.post(path, json=body, headers=headers, timeout=timeout)
        except httpx.HTTPError as error:
            self.book.note(type(error).__name__)
            return None
        self._look_at(answer)
        return answer

    def _token(self, who: str) -> str:
        if who not in self.tokens:
            body = {"username": who, "password": PASSWORD, "provider": "db"}
            answer = self.http.post("/security/login", json=body, timeout=60)
            self._look_at(answer)
            if answer.status_code != 200:
                raise httpx.RemoteProtocolError(f"log-in: {answer.status_code}")
            self.tokens[who] = answer.json()["access_token"]
        return self.tokens[who]

    def _look_at(self, answer: httpx.Response) -> None:
        self.book.note(str(answer.status_code))
        told = f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}"
        if answer.status_code >= 500 and answer.status_code != 503:
            self.book.complain(told)
        if "json" not in answer.headers.get("Content-Type", ""):
            self.book.complain(f"not JSON: {told}")
