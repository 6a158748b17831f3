"""`python -m trial.sms_gateway`: a stand-in of an SMS gateway of a school (contract: app/notices/README.md).

It keeps what it gets in its memory. The last digit of the number decides what becomes of it: 7 is refused, 8 is busy at
first, 9 never reaches its phone, the others do. `GET /sent` tells what was sent, in order.
"""

from __future__ import annotations

import json
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.notices.channels.sms.gateway import SIGNATURE, TIMESTAMP, signed

REFUSED, BUSY, UNDELIVERED = "7", "8", "9"
_taken: dict[str, dict[str, Any]] = {}  # id -> the message and what is answered
_busy: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    """Answers the two calls of the contract, /sent and /health."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell what was sent."""
        known = {"/health": {"status": "ok"}, "/sent": {"sent": [one["message"] for one in _taken.values()]}}
        self._answer(200 if self.path in known else 404, known.get(self.path, {"message": "no such address"}))

    def do_POST(self) -> None:
        """Take messages, or tell what became of them."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._knows_caller(body):
            return self._answer(401, {"message": "who are you?"})
        try:
            told = json.loads(body)
            if self.path == "/messages":
                return self._answer(200, {"results": [_result(one) for one in told["messages"]]})
            if self.path == "/reports":
                return self._answer(200, {"reports": [_report(one) for one in told["ids"] if one in _taken]})
        except (ValueError, KeyError, TypeError):
            return self._answer(400, {"message": "not understood"})
        return self._answer(404, {"message": "no such address"})

    def _knows_caller(self, body: bytes) -> bool:
        token, secret = (os.environ.get(f"SMS_STANDIN_{name}", "") for name in ("TOKEN", "SECRET"))
        stamp = self.headers.get(TIMESTAMP, "")
        if secret and self.headers.get(SIGNATURE) != signed(secret, stamp, body):
            return False
        return not token or self.headers.get("Authorization") == f"Bearer {token}"

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log is for what goes wrong."""


def _result(message: dict[str, Any]) -> dict[str, Any]:
    own, number = str(message["id"]), str(message["to"])
    if own in _taken:
        return dict(_taken[own]["told"])
    if not re.fullmatch(r"1[3-9]\d{9}", number) or number.endswith(REFUSED):
        return {"id": own, "status": "refused", "code": "bad_number", "problem": "no such number"}
    if number.endswith(BUSY) and own not in _busy:
        _busy.add(own)
        return {"id": own, "status": "busy", "code": "limit_reached", "problem": "slowly"}
    told = {"id": own, "status": "accepted", "receipt": f"G{len(_taken) + 1}"}
    _taken[own] = {"message": message, "told": told}
    return dict(told)


def _report(own: str) -> dict[str, Any]:
    if str(_taken[own]["message"]["to"]).endswith(UNDELIVERED):
        return {"id": own, "status": "undelivered", "code": "off", "problem": "the phone is switched off"}
    return {"id": own, "status": "delivered", "at": "2026-12-01T09:30:00+08:00"}


def main() -> None:
    """Serve until told to stop."""
    port = int(os.environ.get("SMS_STANDIN_PORT", "8093"))
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
