"""The API of the own account: its password, and the duty to change one that somebody else has set."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_jwt_extended import get_jwt

from app.base.errors import Forbidden
from app.entrances.services.own import change_own_password
from app.entrances.words import CHOOSE_OWN_PASSWORD
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import BOOLEAN, group
from app.web.current import SESSION_TOKEN, actor_or_none, is_api
from app.web.gate import is_open

# What a program may do before the password is its own: see whose account it is, and change it.
_FIRST = ("MeApi.show", "OwnPasswordApi.put")


_PASSWORDS = group(
    ("current", "password"),
    current={"type": "string", "minLength": 1},
    password={"type": "string", "minLength": 10, "maxLength": 128},
)


class OwnPasswordApi(RoomApi):
    """The password of the account behind the token."""

    resource_name = "me/password"
    class_permission_name = "me"

    @expose("", methods=["PUT"])
    @describe(group(("changed",), changed=BOOLEAN), body=_PASSWORDS, errors=(429,))
    def put(self) -> Response:
        """Change the own password; all other log-ins of the account end, this token stays (R1.8)."""
        actor, sent = self.actor(), self.body()
        token = str(get_jwt().get(SESSION_TOKEN, ""))
        change_own_password(sent.get("current"), sent.get("password"), actor=actor, session_token=token)
        return json_answer(200, {"changed": True})


def password_first() -> None:
    """Whoever has a password from somebody else chooses an own one before anything else; at the API."""
    if not is_api() or request.endpoint is None or is_open(request.endpoint) or request.endpoint in _FIRST:
        return
    actor = actor_or_none()
    if actor is not None and actor.must_change_password:
        raise Forbidden(CHOOSE_OWN_PASSWORD, "password_change_required")


def register(app: Flask) -> None:
    """Ask before every call."""
    app.before_request(password_first)
