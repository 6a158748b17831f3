"""A circuit breaker: after some failures in a row nobody waits for the other side again for a while."""

from __future__ import annotations

import threading
import time


class Breaker:
    """Open after `limit` failures in a row, for `rest` seconds; then one caller tries and decides."""

    def __init__(self, limit: int = 3, rest: float = 15.0) -> None:
        self.limit = limit
        self.rest = rest
        self._failures = 0
        self._open_until = 0.0
        self._lock = threading.Lock()

    def lets_pass(self) -> bool:
        """Whether a call may be tried now."""
        with self._lock:
            if self._failures < self.limit:
                return True
            now = time.monotonic()
            if now < self._open_until:
                return False
            # This caller is the probe; the others keep out until it has come back.
            self._open_until = now + self.rest
            return True

    def succeeded(self) -> None:
        """The other side answered as it should."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The other side did not answer, or not sensibly."""
        with self._lock:
            self._failures += 1
            if self._failures >= self.limit:
                self._open_until = time.monotonic() + self.rest
