"""A provider of messages on this machine: WeChat's or a short message service's addresses, as a test tells it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What somebody sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    raw_query: str
    raw: bytes


class Provider:
    """A real HTTP server that keeps connections open; `answers[path]` are given in turn, the last one again and again."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: dict[str, list[Any]] = {}
        self.pause = 0.0
        self.connections = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, *answers: Any) -> None:
        """What to say at this path: dicts as JSON, (status, body) pairs, text, or a function of the request."""
        self.answers[path] = list(answers)

    def sent_to(self, path: str) -> list[Request]:
        """The requests to this path."""
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Provider:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def next_answer(self, request: Request) -> tuple[int, bytes]:
        """The answer to this request."""
        waiting = self.answers.get(request.path) or [(404, {"errcode": 404, "errmsg": "no such path"})]
        chosen = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        chosen = chosen(request) if callable(chosen) else chosen
        status, body = chosen if isinstance(chosen, tuple) else (200, chosen)
        return status, body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                provider.connections += 1

            def handle_one(self) -> None:
                parts = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                form = "form" in self.headers.get("Content-Type", "")
                request = Request(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=dict(parse_qsl(raw.decode())) if form else json.loads(raw) if raw else None,
                    raw_query=parts.query,
                    raw=raw,
                )
                provider.requests.append(request)
                time.sleep(provider.pause)
                status, body = provider.next_answer(request)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                self.handle_one()

            def do_POST(self) -> None:
                self.handle_one()

            def log_message(self, *_args: Any) -> None:
                """Be quiet."""

        return Handler
