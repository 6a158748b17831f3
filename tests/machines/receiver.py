"""A real receiver of webhooks: answers as it is told, checks each signature and keeps what came, in order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`fault`: none, error (500), moved (302), hang, drop (takes the message, then breaks the line)."""

    server: ThreadingHTTPServer
    secret: str = ""
    fault: str = "none"
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tried: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    @property
    def ids(self) -> list[str]:
        """Ids of the messages that were taken, in order, repetitions too."""
        return [message for message, _body in self.got]

    def states_of(self, case_id: int) -> list[str]:
        """What it was told of a record, each message once, in the order of the first arrival."""
        first = dict(reversed(self.got))
        once = dict.fromkeys(self.ids)
        return [first[one]["data"]["state"] for one in once if first[one]["data"].get("case_id") == case_id]

    def take(self, headers: Any, raw: bytes) -> None:
        message, at, signature = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{message}.{at}.".encode() + raw, hashlib.sha256).digest()
        if signature != "v1," + base64.b64encode(digest).decode() or abs(time.time() - int(at)) > 300:
            self.wrong.append(message)
        self.got.append((message, json.loads(raw)))


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            me.tried += 1
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if me.fault == "hang":
                time.sleep(15)
                return
            if me.fault in ("none", "drop"):
                me.take(self.headers, raw)
            if me.fault == "drop":
                self.connection.close()
                return
            self.send_response({"none": 204, "error": 500, "moved": 302}[me.fault])
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    me = Receiver(server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield me
    server.shutdown()
    server.server_close()
