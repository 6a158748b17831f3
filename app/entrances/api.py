"""The API of the own account: its password, and the duty to change one that somebody else has set."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_jwt_extended import get_jwt

from app.access import second_factor
from app.base.errors import Forbidden
from app.entrances.services.own import change_own_password
from app.entrances.words import ADD_FACTOR, CHOOSE_OWN_PASSWORD
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import BOOLEAN, STRING, Told, group
from app.web.current import SESSION_TOKEN, actor_or_none, is_api
from app.web.gate import is_open

# What a program may do before the password is its own: see whose account it is, and change it.
_FIRST = ("MeApi.show", "OwnPasswordApi.put", "SecurityApi.logout")
_FACTOR_FIRST = (*_FIRST, "TotpApi.begin", "TotpApi.confirm")


_PASSWORDS = group(
    ("current", "password"),
    current={"type": "string", "minLength": 1},
    password={"type": "string", "minLength": 10, "maxLength": 128},
)


def result(**properties: Any) -> Told:
    """An answer without an id: {"result": {…}}."""
    return group(("result",), result=group(tuple(properties), **properties))


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


_CODE = group(("code",), code=STRING)


class TotpApi(RoomApi):
    """The second factor of the account behind the token; for staff."""

    resource_name = "me/totp"
    class_permission_name = "me"

    @expose("", methods=["POST"])
    @describe(result(secret=STRING, uri=STRING), untold=("secret", "uri"), errors=(409,))
    def begin(self) -> Response:
        """A new secret for the app; on from the first code that is confirmed."""
        secret, uri = second_factor.begin(actor=self.actor())
        return json_answer(200, {"result": {"secret": secret, "uri": uri}})

    @expose("/confirm", methods=["POST"])
    @describe(
        result(recovery_codes={"type": "array", "items": STRING}),
        body=_CODE,
        untold=("recovery_codes",),
        errors=(409, 429),
    )
    def confirm(self) -> Response:
        """Switch it on with a code of the app; answers ten recovery codes, this once."""
        codes = second_factor.confirm(self.body().get("code"), actor=self.actor())
        return json_answer(200, {"result": {"recovery_codes": codes}})

    @expose("", methods=["DELETE"])
    @describe(result(enabled=BOOLEAN), body=_CODE, errors=(409, 429))
    def remove(self) -> Response:
        """Switch it off with a code of the app or a recovery code."""
        second_factor.remove(self.body().get("code"), actor=self.actor())
        return json_answer(200, {"result": {"enabled": False}})


def password_first() -> None:
    """Whoever has a password from somebody else chooses an own one before anything else, whoever lacks a second factor
    that is demanded sets it up; at the API.
    """
    if not is_api() or request.endpoint is None or is_open(request.endpoint):
        return
    actor = actor_or_none()
    if actor is not None and actor.must_change_password and request.endpoint not in _FIRST:
        raise Forbidden(CHOOSE_OWN_PASSWORD, "password_change_required")
    if actor is not None and actor.must_add_factor and request.endpoint not in _FACTOR_FIRST:
        raise Forbidden(ADD_FACTOR, "second_factor_required")


def register(app: Flask) -> None:
    """Ask before every call."""
    app.before_request(password_first)
