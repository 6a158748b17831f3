"""Faults on demand for tests: the interface goes down, slow or wrong for the next calls."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request

MODES = {
    "down": "the connection is dropped, nothing is done",
    "500": "an error answer, nothing is done",
    "slow": "`seconds` (default 3) pass, then the work is done and answered",
    "timeout": "the work is done, the answer comes after `seconds` (default 30)",
    "lost": "the work is done, the connection is dropped before the answer",
    "garbage": "the work is done, the answer is not JSON",
    "drip": "the work is done, the answer comes one byte each `seconds` (default 0.5)",
}
_SECONDS = {"slow": 3.0, "timeout": 30.0, "drip": 0.5}


@dataclass
class Faults:
    """The fault in force; `left` None = until it is taken back."""

    mode: str | None = None
    left: int | None = None
    seconds: float = 0.0
    seen: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def set(self, mode: str | None, count: int | None, seconds: float | None) -> None:
        """Put a fault in force for the next `count` calls."""
        with self._lock:
            self.mode, self.left, self.seen = mode, count, 0
            self.seconds = _SECONDS.get(mode or "", 0.0) if seconds is None else seconds

    def take(self) -> tuple[str | None, float]:
        """The fault this call suffers, and its seconds."""
        with self._lock:
            self.seen += 1
            if self.mode is None or self.left == 0:
                return None, 0.0
            if self.left is not None:
                self.left -= 1
            return self.mode, self.seconds


blueprint = Blueprint("faults", __name__)


@blueprint.route("/_faults", methods=["GET", "PUT", "DELETE"])
def faults() -> Response:
    """Read, set (`{"mode", "count"?, "seconds"?}`) or take back the fault in force."""
    box: Faults = current_app.extensions["faults"]
    if request.method == "DELETE":
        box.set(None, None, None)
    if request.method == "PUT":
        told = request.get_json()
        if told["mode"] not in MODES and told["mode"] != "none":
            return jsonify(code="malformed", message=f"mode is one of none, {', '.join(MODES)}")
        box.set(None if told["mode"] == "none" else told["mode"], told.get("count"), told.get("seconds"))
    return jsonify(mode=box.mode or "none", left=box.left, seen=box.seen)


def suffer(app: Flask, api: Blueprint) -> None:
    """Make every call of the interface pass through the fault in force, and open /_faults."""
    app.extensions["faults"] = Faults()
    app.register_blueprint(blueprint)

    @api.before_request
    def before() -> Response | None:
        g.fault, seconds = app.extensions["faults"].take()
        g.fault_seconds = seconds
        if g.fault == "slow":
            time.sleep(seconds)
        if g.fault == "500":
            return Response("Internal Server Error", 500, mimetype="text/plain")
        return _drop() if g.fault == "down" else None

    @api.after_request
    def after(response: Response) -> Response:
        fault = g.get("fault")
        if fault == "timeout":
            time.sleep(g.fault_seconds)
        if fault == "garbage":
            return Response("<html><body>服务器繁忙 {", 200, mimetype="text/html")
        if fault == "drip":
            return _dripping(response, g.fault_seconds)
        return _drop() if fault == "lost" else response


def _dripping(response: Response, seconds: float) -> Response:
    def letters() -> Any:
        for letter in response.get_data():
            time.sleep(seconds)
            yield bytes((letter,))

    return Response(letters(), response.status_code, mimetype=response.mimetype)


def _drop() -> Response:
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # The caller may have gone already.
            connection.shutdown(socket.SHUT_RDWR)
    return Response("", 503)
