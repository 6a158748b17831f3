"""The number of a request, by which a line of the log, an answer and what somebody tells support are found together."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

from app.base import logs
from app.web import figures

HEADER = "X-Request-Id"
log = logging.getLogger("access")
_SILENT = frozenset({"health.show", "metrics.ready", "metrics.show"})  # asked every few seconds


def register(app: Flask) -> None:
    """Number every request; when it has been answered, count it and write a line: no address, no name, nothing sent."""
    app.before_request(_begin)
    app.after_request(_answered)  # named first, hence asked last
    app.teardown_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_token = logs.begin(request.headers.get(HEADER, ""))


def _answered(response: Response) -> Response:
    response.headers[HEADER] = logs.request_id()
    now = time.perf_counter()
    seconds = now - g.get("began", now)  # what is answered before it has begun took no time
    figures.count(response, seconds)
    well = response.status_code < 400
    if well and (request.endpoint in _SILENT or (request.endpoint or "").endswith("static")):
        return response
    actor = g.get("actor")
    facts = {
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "-",
        "endpoint": request.endpoint or "-",
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "account": actor.user_id if actor else None,
        "key": actor.key.id if actor and actor.key else None,
    }
    log.info("answered", extra={logs.FACTS: {name: value for name, value in facts.items() if value is not None}})
    return response


def _end(_error: BaseException | None) -> None:
    if "request_token" in g:
        logs.end(g.pop("request_token"))
