"""Errors to answers: JSON for the API in the one shape, a readable page for browsers; never a trace."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import BadHost, HTTPException

from app.base import logs
from app.base.database import session
from app.base.errors import AppError, Invalid, Malformed, Throttled, Unauthenticated, texts_of
from app.web.current import DOOR, SESSION_TOKEN, actor_or_none, is_api
from app.web.gate import is_open
from app.web.pages import door_of, own_path, own_referrer, page_of_form

log = logging.getLogger(__name__)

_CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    414: "too_large",
    415: "unsupported_media",
    422: "invalid",
    429: "throttled",
    431: "too_large",
    503: "unavailable",
}


def register(app: Flask) -> None:
    """Register the handlers; the most particular one answers."""
    app.before_request(refuse_unreadable_host)
    app.jinja_env.globals.update(
        own_path=own_path, own_referrer=own_referrer, log_in_url=log_in_url, page_of_form=page_of_form
    )
    app.register_error_handler(AppError, answer_refusal)
    app.register_error_handler(CSRFError, answer_stale_form)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(DataError, answer_unstorable)
    app.register_error_handler(OperationalError, answer_unavailable)
    app.register_error_handler(RedisError, answer_unavailable)
    app.register_error_handler(Exception, answer_unexpected)


def refuse_unreadable_host() -> Response | None:
    """Without a host no address can be made, and so neither a page nor a way to the log-in."""
    if not isinstance(request.routing_exception, BadHost):
        return None
    response = make_response(_http_message(400), 400)
    response.mimetype = "text/plain"
    return response


def error_body(error: AppError) -> dict[str, Any]:
    """What the API says about a refusal."""
    errors = error.errors if isinstance(error, Invalid) else {}
    fields = texts_of(errors)
    return {"message": error.message, "code": error.code, "errors": fields, **error.values}


def answer_refusal(error: AppError) -> Response:
    """A refusal of a rule, with its own message and code."""
    session.rollback()
    if isinstance(error, Unauthenticated) and not is_api() and cookie.pop(SESSION_TOKEN, None):
        flash(_("Your session is over. Please log in again."), "warning")
    if is_api():
        response = make_response(jsonify(error_body(error)), error.status)
    elif isinstance(error, Unauthenticated) and request.headers.get("HX-Request"):
        response = make_response("", error.status)  # a part of a page cannot hold the entrances: the whole page goes
        response.headers["HX-Redirect"] = log_in_url(own_referrer())
    elif isinstance(error, Unauthenticated) and request.method in {"GET", "HEAD"}:
        return make_response(redirect(log_in_url(request.full_path.rstrip("?"))))
    else:
        response = make_response(_page(error.status, error.message, error.code), error.status)
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(max(1, int(error.retry_after)))
    return response


def log_in_url(wanted: str | None) -> str:
    """The entrance of those whose page this is: its address tells, else where this browser came in the last time.

    The start page where nobody knows. `wanted` is where one goes after the log-in.
    """
    door = door_of(request.full_path) or door_of(wanted or "") or cookie.get(DOOR)
    if door is None:
        return url_for("EntranceView.start", next=wanted)
    return url_for("EntranceView.enter", door=door, next=wanted)


def answer_http(error: HTTPException) -> Response:
    """What Flask and Werkzeug refuse by themselves: unknown address, wrong method, too large, malformed."""
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    response = _answer(status, _CODES.get(status, "error" if status < 500 else "internal"), _http_message(status))
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value
    return response


def answer_stale_form(error: CSRFError) -> Response:
    """A form without the token of this session; where the session itself is over, that is what is said."""
    log.info("refused form without valid token: %s", error.description)
    if request.endpoint and not is_open(request.endpoint) and actor_or_none() is None:
        return answer_refusal(Unauthenticated())
    return _answer(400, "csrf", _("This page has been open too long. Please go back, reload it and send it again."))


def answer_unstorable(error: DataError) -> Response:
    """A value that got past the checks but does not fit the column: still the sender's."""
    session.rollback()
    log.warning("value refused by the database: %s", error.orig)
    refusal = Malformed(_("The request holds a value that cannot be stored. Please check what you entered."))
    return answer_refusal(refusal)


def answer_unavailable(error: Exception) -> Response:
    """The database or Redis does not answer."""
    log.error("a needed service does not answer: %s", error)
    response = _answer(503, "unavailable", _http_message(503))
    response.headers["Retry-After"] = "10"
    return response


def answer_unexpected(error: Exception) -> Response:
    """A mistake of the program: logged with its trace, told without it."""
    log.exception("unexpected error in %s %s", request.method, request.endpoint, exc_info=error)
    try:
        session.rollback()
    except Exception:
        log.exception("rollback failed")
    return _answer(500, "internal", _http_message(500))


def _answer(status: int, code: str, message: str) -> Response:
    if is_api():
        return make_response(jsonify({"message": message, "code": code, "errors": {}}), status)
    return make_response(_page(status, message), status)


def _page(status: int, message: str, code: str = "") -> str:
    return render_template("errors/error.html", status=status, message=message, code=code, reference=logs.request_id())


def _http_message(status: int) -> str:
    texts = {
        400: _("The request could not be read. Please check it and send it again."),
        401: _("Please log in first."),
        403: _("Your account may not do this. Please ask the level above for the permission."),
        404: _("This page or record does not exist or is not within your scope."),
        405: _("This address does not take that kind of request."),
        413: _("What you sent is too large. Please make it smaller and try again."),
        414: _("What you sent is too large. Please make it smaller and try again."),
        415: _("This kind of content is not accepted here."),
        429: _("Too many tries. Please wait a while and try again."),
        503: _("The service is briefly not available. Please try again in a minute; nothing is lost."),
    }
    if status >= 500 and status != 503:
        return _("Something went wrong on our side. Nothing was changed; please try again later.")
    return texts.get(status, _("The request could not be carried out."))
