"""Who is asking: the actor of the running request, from the browser's session or from the API's token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import g, has_request_context, request, session
from flask_jwt_extended import get_jwt, verify_jwt_in_request

from app.access import devices, sessions
from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.access.api_keys.queries import PREFIX, actor_by_key
from app.base.errors import Unauthenticated
from app.web import payload

DOOR = "door"  # through which entrance this browser came in the last time
SESSION_TOKEN = "sid"  # noqa: S105  (the name of a key, not a token)
DEVICE = "device"  # the cookie by which a browser is known again


def is_api() -> bool:
    """Whether the request came to the API: it takes tokens only and answers in JSON."""
    return request.path.startswith("/api/")


def actor_or_none() -> Actor | None:
    """The actor of this request, or None when nobody is logged in; read once per request."""
    if not has_request_context():
        return None
    known: dict[str, Any] = g._get_current_object().__dict__  # a page asks a hundred times
    if "actor" not in known:
        try:
            known["actor"] = _actor()
        except Unauthenticated:
            known["actor"] = None
    actor: Actor | None = known["actor"]
    return actor


def current_actor() -> Actor:
    """The actor of this request; raises Unauthenticated when nobody is logged in."""
    actor = actor_or_none()
    if actor is None:
        raise Unauthenticated()
    return actor


def forget_actor() -> None:
    """Read the actor anew at the next call: after log-in, log-out and changes of the own account."""
    g.pop("actor", None)


def _with_code(actor: Actor) -> Actor:
    """A graduate or a unit's user with the one-time code that came along, so that no door has to pass it on."""
    if actor.kind not in (GRADUATE, EMPLOYER) or request.method != "POST":
        return actor
    sent: Mapping[str, Any] = payload.checked_body() if request.is_json else request.form
    code = sent.get("code")
    return replace(actor, code=code[:64]) if isinstance(code, str) else actor


def _actor() -> Actor | None:
    key = _sent_key() if is_api() else None
    if key is not None:
        return actor_by_key(key, ip=request.remote_addr)
    actor = _actor_of_token() if is_api() else _actor_of_session()
    return _with_code(actor) if actor else None


def _sent_key() -> str | None:
    """The API key that was sent in the place of a token."""
    kind, _blank, sent = request.headers.get("Authorization", "").partition(" ")
    return sent.strip() if kind.lower() == "bearer" and sent.strip().startswith(PREFIX) else None


def _actor_of_session() -> Actor | None:
    token = session.get(SESSION_TOKEN)
    cookie = request.cookies.get(DEVICE)
    mark = devices.mark_of(cookie) if cookie else None
    return sessions.actor_of(token, mark, request.remote_addr) if token else None


def _actor_of_token() -> Actor | None:
    """Invalid, expired and revoked tokens all look the same: nobody (401)."""
    if not request.headers.get("Authorization"):
        return None
    try:
        verified = verify_jwt_in_request(locations=["headers"])
    except Exception as error:
        raise Unauthenticated() from error
    if verified is None:
        return None  # the library looks at no token of an OPTIONS
    claims: dict[str, Any] = get_jwt()
    actor = sessions.actor_of(str(claims.get(SESSION_TOKEN, "")), ip=request.remote_addr)
    if actor is None or str(actor.user_id) != str(claims.get("sub")):
        raise Unauthenticated()
    return actor
