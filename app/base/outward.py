"""The one way to call a system outside: a limit for time and for size, a breaker, and a plain word for what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from app.base.breaker import Breaker
from app.base.deadline import DeadlineTransport, Resolve, within
from app.base.failures import Failure
from app.base.trust import trusts

CONNECT_SECONDS = 2.0
_Told = TypeVar("_Told")


class OutwardError(Failure):
    """There is no answer that could be used; trying again later may help.

    `code`: resting (not tried), timeout, unreachable, busy (answered 5xx), moved (3xx), too_long, not_understood.
    `detail` says more to who looks after it: the status, or the kind of the error below.
    """

    def __init__(self, code: str, words: str, *, status: int | None = None, cause: Exception | None = None) -> None:
        below = type(cause).__name__ if cause else ""
        super().__init__(words, code=code, detail=f"HTTP {status}" if status else below)


@dataclass(frozen=True)
class Answer:
    """What the other side said: anything below 300, or a refusal from 400 to 499."""

    status: int
    content: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises ValueError or TypeError when it is none."""
        found = json.loads(self.content)
        if not isinstance(found, dict):
            raise TypeError("not an object")
        return found


class Outward:
    """Calls to one system; safe for threads, not across a fork."""

    def __init__(
        self,
        url: str = "",
        *,
        seconds: float,
        longest: int,
        connect: float = CONNECT_SECONDS,
        headers: dict[str, str] | None = None,
        breaker: Breaker | None = None,
        by_proxy: bool = False,
        resolve: Resolve | None = None,
        partner: str | None = None,
    ) -> None:
        """`url` is what the paths are added to; `by_proxy`: by HTTPS_PROXY and its like where the environment has them.

        `resolve` finds the address to connect to, for hosts that somebody else has named. `partner`: who it is in
        `app.base.trust`, where both sides may know each other by certificates.
        """
        self.breaker = breaker or Breaker()
        self.seconds, self.connect, self.longest = seconds, connect, longest
        self._http = httpx.Client(
            base_url=url,
            # Unpacking could make any number of bytes out of a few.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
            transport=DeadlineTransport(
                by_proxy=by_proxy, resolve=resolve, trust=trusts().get(partner) if partner else None
            ),
            follow_redirects=False,
        )

    @property
    def host(self) -> str:
        """Whom the calls go to, with the port if it is an unusual one."""
        return self._http.base_url.netloc.decode()

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        read: Callable[[Answer], _Told],
        *,
        seconds: float | None = None,
        tries: int = 1,
        **options: Any,
    ) -> _Told:
        """What `read` makes of the answer, within `seconds` altogether; `options` as httpx's requests have them.

        A connection that breaks is tried again at once if `tries` allow it: only for what may be done twice. What
        `read` cannot read (KeyError, TypeError, ValueError) is an answer without sense. Raises OutwardError; after
        some in a row nobody waits for the other side for a while.
        """
        return self._guarded(
            f"{method} {path.partition('?')[0]}",
            lambda: read(self._exchange(method, path, self._answer, seconds, tries, options)),
        )

    def status_of(self, path: str, method: str = "GET", **options: Any) -> int:
        """What a call of this path is answered with, whatever it is; the body is not waited for. Raises OutwardError."""
        return self._guarded(f"{method} {path}", lambda: self._exchange(method, path, _status, None, 1, options))

    def _guarded(self, what: str, work: Callable[[], _Told]) -> _Told:
        if not self.breaker.lets_pass():
            raise OutwardError("resting", "not tried: it did not answer a moment ago")
        try:
            told = work()
        except OutwardError:
            self.breaker.failed()
            raise
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            self.breaker.failed()
            raise OutwardError("not_understood", f"the answer to {what} makes no sense ({error!r})") from error
        self.breaker.succeeded()
        return told

    def _exchange(
        self,
        method: str,
        path: str,
        take: Callable[[httpx.Response], _Told],
        seconds: float | None,
        tries: int,
        options: dict[str, Any],
    ) -> _Told:
        seconds = seconds or self.seconds
        timeout = httpx.Timeout(seconds, connect=min(self.connect, seconds))
        auth = options.pop("auth", None)
        with within(seconds):
            for left in range(tries - 1, -1, -1):
                try:
                    request = self._http.build_request(method, path, timeout=timeout, **options)
                    with closing(self._http.send(request, stream=True, auth=auth)) as response:
                        return take(response)
                except httpx.TimeoutException as error:
                    raise OutwardError("timeout", f"no answer within {seconds:g} s", cause=error) from error
                except httpx.InvalidURL as error:
                    raise OutwardError("unreachable", f"no address: {error}", cause=error) from error
                except httpx.TransportError as error:
                    if not left:
                        raise OutwardError("unreachable", f"connection failed: {error}", cause=error) from error
        raise AssertionError("tries must be 1 or more")

    def _answer(self, response: httpx.Response) -> Answer:
        status = response.status_code
        if status >= 500 or 300 <= status < 400:
            raise OutwardError("busy" if status >= 500 else "moved", f"answered {status}", status=status)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise OutwardError("not_understood", "the answer is packed, which was not asked for", status=status)
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > self.longest:
                raise OutwardError("too_long", "the answer is longer than any answer can be", status=status)
        return Answer(status, bytes(content))


def _status(response: httpx.Response) -> int:
    return response.status_code
