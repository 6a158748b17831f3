"""The way to the employment system: one call outwards whose answer is checked, whose refusal is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.base.breaker import Breaker
from app.base.outward import Answer, Outward, OutwardError
from app.ems.messages import UNKNOWN, UNKNOWN_KIND, EmsRefused, EmsUnavailable

CALL_SECONDS = 20.0
_MAX_ANSWER = 16 * 1024 * 1024
_Answer = TypeVar("_Answer")


class Channel:
    """Calls that either give what was asked for or say plainly why not; safe for threads.

    Every call may be repeated: all of them are idempotent by the contract. One repetition is made at once when
    the connection broke, unless the caller asks for a single try.
    """

    def __init__(self, url: str, token: str, breaker: Breaker | None = None) -> None:
        self._outward = Outward(
            f"{url.rstrip('/')}/api/v1/",
            seconds=CALL_SECONDS,
            longest=_MAX_ANSWER,
            headers={"Authorization": f"Bearer {token}"},
            breaker=breaker,
            partner="EMS",
        )
        self.breaker = self._outward.breaker

    def close(self) -> None:
        self._outward.close()

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

        def told(answer: Answer) -> _Answer | EmsRefused | EmsUnavailable:
            return _refusal(answer.status, answer.json()) if answer.status >= 400 else read(answer.json())

        try:
            found = self._outward.call(
                method, path, told, seconds=seconds, tries=tries, json=body, params=params, headers=headers
            )
        except OutwardError as error:
            raise EmsUnavailable(str(error)) from error
        if isinstance(found, EmsRefused | EmsUnavailable):
            raise found
        return found


def _refusal(status: int, answer: Mapping[str, Any]) -> EmsRefused | EmsUnavailable:
    if status in (401, 403, 429):
        # Nothing is wrong with what was sent: once the token is right or the rush is over, it will be taken.
        return EmsUnavailable(f"answered {status}: {answer.get('message')}")
    if status == 404 and answer.get("code") not in (*UNKNOWN, UNKNOWN_KIND):
        return EmsUnavailable(f"answered 404 {answer.get('code')}: is it the right address?")
    errors = answer.get("errors")
    return EmsRefused(
        status,
        str(answer.get("code", "refused")),
        str(answer.get("message", "")),
        errors if isinstance(errors, dict) else None,
    )
