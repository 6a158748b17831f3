"""The gate: every address is closed to strangers unless it is opened here by name."""

from __future__ import annotations

from flask import Flask, request

from app.access.api_keys.guards import refuse_beyond_scopes
from app.access.unit_roles import refuse_beyond_role
from app.web import payload
from app.web.current import current_actor, is_api

API = "/api/v1/"
# Endpoints that need no account. A test walks all addresses and demands that this list is the whole truth.
_opened = {
    "static",
    "appbuilder.static",
    "EntranceView.start",
    "EntranceView.login",
    "EntranceView.enter",
    "EntranceView.second",
    "EntranceView.logout",
    "SecurityApi.login",
    "SecurityApi.refresh",
    "OpenApi.get",
    "SwaggerView.show",
}


def open_to_all(*endpoints: str) -> None:
    """Open addresses to people without an account, by Flask endpoint, e.g. the health check."""
    _opened.update(endpoints)


def is_open(endpoint: str | None) -> bool:
    """Whether the endpoint needs no account."""
    return endpoint in _opened


def register(app: Flask) -> None:
    """Ask at every request, before any view runs; unknown addresses fall through to 404."""

    @app.before_request
    def ask() -> None:
        rule = request.url_rule
        if rule is None or (request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)):
            return  # which methods there are stands in the description that all may read
        if is_api():
            payload.check()  # 400 comes before 401: who cannot be understood is not asked who it is
        if not is_open(request.endpoint):
            actor = current_actor()
            refuse_beyond_role(actor.unit_role, request.method, request.path)
            if is_api():
                refuse_beyond_scopes(actor, request.method, request.path.removeprefix(API))
