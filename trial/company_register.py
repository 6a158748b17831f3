"""`python -m trial.company_register`: a stand-in of the company register for the trial and the tests.

It knows the names of the demonstration's units. The last character of the code decides on the state:
1 注销, 5 吊销, 7 迁出, 9 a slow answer, E a fault, T unknown, others 存续.
"""

from __future__ import annotations

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote

from trial.demo.country import UNITS

_NAMES: Final = {unit.facts["uscc"]: unit.facts["name"] for unit in UNITS}
STATES: Final = {
    "1": ("注销", "2026-03-18"),
    "5": ("吊销", "2025-11-06"),
    "7": ("迁出", "2026-08-21"),
}
SLOW, FAILING, UNKNOWN = "9", "E", "T"
FOUNDED: Final = "2019-05-20"
IN_BUSINESS: Final = ("存续", FOUNDED)
SLOW_SECONDS = 6.0


class Handler(BaseHTTPRequestHandler):
    """Answers the one call of the contract, and /health."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Route by the path."""
        path = unquote(self.path.partition("?")[0])
        if path == "/health":
            return self._answer(200, {"status": "ok"})
        if not path.startswith("/units/") or len(path) != len("/units/") + 18:
            return self._answer(404, {"message": "no such unit"})
        return self._tell(path.rpartition("/")[2])

    def _tell(self, uscc: str) -> None:
        last = uscc[-1]
        if last == SLOW:
            time.sleep(SLOW_SECONDS)
        if last == FAILING:
            return self._answer(503, {"message": "out of order"})
        if last == UNKNOWN:
            return self._answer(404, {"message": "no such unit"})
        state, since = STATES.get(last, IN_BUSINESS)
        return self._answer(200, {"state": state, "since": since, "name": _NAMES.get(uscc, ""), "founded": FOUNDED})

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller did not wait

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log is for what goes wrong."""


def main() -> None:
    """Serve until told to stop."""
    port = os.environ.get("REGISTER_STANDIN_PORT", "8091")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise SystemExit(f"REGISTER_STANDIN_PORT must be a port number, not {port!r}.")
    host = os.environ.get("REGISTER_STANDIN_HOST", "127.0.0.1")
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
