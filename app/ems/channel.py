"""The way to the employment system: one HTTP call with a time limit, a breaker, and a checked JSON answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from app.ems.breaker import Breaker
from app.ems.deadline import DeadlineTransport, within
from app.ems.messages import EmsRefused, EmsUnavailable

CALL_SECONDS = 20.0
CONNECT_SECONDS = 2.0
_MAX_ANSWER = 16 * 1024 * 1024
_Answer = TypeVar("_Answer")


class Channel:
    """Calls that either give what was asked for or say plainly why not; safe for threads.

    Every call may be repeated: all of them are idempotent by the contract. One repetition is made at once when
    the connection broke, unless the caller asks for a single try.
    """

    def __init__(self, url: str, token: str, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker()
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            transport=DeadlineTransport(),
            timeout=httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        read: Callable[[Any], _Answer],
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = CALL_SECONDS,
        tries: int = 2,
    ) -> _Answer:
        """What `read` makes of the answer, within `seconds` altogether.

        Raises EmsUnavailable when the other system does not answer in time or not sensibly (then, after some
        times in a row, at once without trying), EmsRefused when it refuses.
        """
        if not self.breaker.lets_pass():
            raise EmsUnavailable("not tried: it did not answer a moment ago")
        request = self._http.build_request(method, path, json=body, params=params, headers=headers)
        try:
            status, answer = self._send(request, seconds, tries)
            if status >= 400:
                refusal = _refusal(status, answer)
            else:
                result = read(answer)
        except EmsUnavailable:
            self.breaker.failed()
            raise
        except (KeyError, TypeError, ValueError) as error:
            self.breaker.failed()
            raise EmsUnavailable(f"the answer to {method} {path} makes no sense ({error!r})") from error
        self.breaker.succeeded()
        if status >= 400:
            raise refusal
        return result

    def _send(self, request: httpx.Request, seconds: float, tries: int) -> tuple[int, Any]:
        with within(seconds):
            for left in range(tries - 1, -1, -1):
                try:
                    return self._exchange(request)
                except httpx.TimeoutException as error:
                    raise EmsUnavailable(f"no answer within {seconds:g} s") from error
                except httpx.TransportError as error:
                    if not left:
                        raise EmsUnavailable(f"connection failed: {error}") from error
        raise AssertionError("tries must be 1 or more")

    def _exchange(self, request: httpx.Request) -> tuple[int, Any]:
        response = self._http.send(request, stream=True)
        try:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > _MAX_ANSWER:
                    raise EmsUnavailable("the answer is longer than any answer can be")
        finally:
            response.close()
        if response.status_code >= 500 or 300 <= response.status_code < 400:
            raise EmsUnavailable(f"answered {response.status_code}")
        answer = json.loads(content)
        if not isinstance(answer, dict):
            raise TypeError("not an object")
        return response.status_code, answer


def _refusal(status: int, answer: Mapping[str, Any]) -> Exception:
    if status in (401, 403, 429):
        # Nothing is wrong with what was sent: once the token is right or the rush is over, it will be taken.
        return EmsUnavailable(f"answered {status}: {answer.get('message')}")
    errors = answer.get("errors")
    return EmsRefused(
        status,
        str(answer.get("code", "refused")),
        str(answer.get("message", "")),
        errors if isinstance(errors, dict) else None,
    )
