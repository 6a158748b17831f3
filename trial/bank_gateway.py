"""`python -m trial.bank_gateway`: a stand-in of a bank that takes orders over HTTP (contract: app/payments/README.md).

It keeps the orders in its memory. The last digit of the account decides: 7 fails, 8 is only accepted at first and paid
when it is asked for, others are paid at once. `GET /paid` tells how many were.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

FAILING, SLOW = "7", "8"
_FIELDS: Final = ("payee", "account", "bank", "bank_code", "amount")
_orders: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}  # reference -> order and what is answered


class Handler(BaseHTTPRequestHandler):
    """Answers the two calls of the contract, /paid and /health."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell of an order."""
        if self.path == "/health":
            return self._answer(200, {"status": "ok"})
        if self.path == "/paid":
            return self._answer(200, {"paid": sum(told["status"] == "sent" for _order, told in _orders.values())})
        reference = self._reference()
        if reference is None:
            return None
        if reference not in _orders:
            return self._answer(404, {"message": "no such order"})
        order, told = _orders[reference]
        if told["status"] == "accepted":
            _orders[reference] = order, {"status": "sent", "problem": None}
        return self._answer(200, told)

    def do_PUT(self) -> None:
        """Take an order."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reference = self._reference()
        if reference is None:
            return None
        try:
            order = {name: json.loads(body)[name] for name in _FIELDS}
        except (ValueError, KeyError, TypeError):
            return self._answer(400, {"message": "not an order"})
        if not order["account"] or not _is_amount(order["amount"]):
            return self._answer(422, {"message": "no account, or no amount"})
        known = _orders.setdefault(reference, (order, _said_of(str(order["account"]))))
        if known[0] != order:
            return self._answer(409, {"message": "the reference was used for another order"})
        return self._answer(200, known[1])

    def _reference(self) -> str | None:
        """The order that the address names; None, and answered, where it names none or the caller may not ask."""
        token = os.environ.get("BANK_STANDIN_TOKEN", "")
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            self._answer(401, {"message": "who are you?"})
        elif not self.path.startswith("/orders/"):
            self._answer(404, {"message": "no such address"})
        else:
            return self.path.removeprefix("/orders/")
        return None

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log is for what goes wrong."""


def _is_amount(text: Any) -> bool:
    try:
        return isinstance(text, str) and Decimal(text) > 0
    except InvalidOperation:
        return False


def _said_of(account: str) -> dict[str, Any]:
    if account.endswith(FAILING):
        return {"status": "failed", "problem": "the name does not fit the account"}
    return {"status": "accepted" if account.endswith(SLOW) else "sent", "problem": None}


def main() -> None:
    """Serve until told to stop."""
    port = int(os.environ.get("BANK_STANDIN_PORT", "8092"))
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
