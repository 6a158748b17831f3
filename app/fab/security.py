"""FAB's security manager on our terms: cached permissions, revocable sessions, throttled log-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, request
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jti,
    get_jwt,
    verify_jwt_in_request,
)
from flask_login import LoginManager

from app.access import devices, services, sessions
from app.access.actors import STAFF
from app.access.permissions import ensure_pairs
from app.base.database import session, transaction
from app.base.errors import Invalid, Malformed, Unauthenticated
from app.fab.api import RoomApi, describe, expose, fab_expose, json_answer
from app.fab.shapes import BOOLEAN, STRING, enum, group
from app.web.current import SESSION_TOKEN, actor_or_none

# Pages of FAB that need no account: the description of the API holds no data.
_PUBLIC = {("can_get", "OpenApi"), ("can_show", "SwaggerView")}


_MOST_SESSIONS = 200  # of programs, for one account of staff: the longest unused end


class SecurityApi(RoomApi):
    """Log-in for programs: a token of one hour, and one to renew it."""

    resource_name = "security"

    @expose("/login", methods=["POST"])
    @describe(
        group(("access_token",), access_token=STRING, refresh_token=STRING),
        body=group(
            ("username", "password"),
            username={"type": "string", "minLength": 1},
            password={"type": "string", "minLength": 1},
            provider=enum(("db",)),
            refresh=BOOLEAN,
            otp={"type": "string", "description": "Where a second factor is on: its code, or a recovery code"},
            challenge=group(("id", "answer"), id=STRING, answer=STRING),
        ),
        errors=(401, 403, 429),
    )
    def login(self) -> Response:
        """Log in; only failures count. A 429 may hold a `challenge`: send its id with the answer, and the try goes on."""
        sent = _credentials(self.body())
        account = services.authenticate(
            sent["username"],
            sent["password"],
            ip=request.remote_addr,
            door=services.API_DOOR,
            challenge=sent["challenge"],
            otp=sent["otp"],
        )
        devices.note_device(account, cookie=None, ip=request.remote_addr, agent=request.user_agent.string)
        renewable = sent["refresh"]
        lifetime: timedelta = current_app.config[
            "JWT_REFRESH_TOKEN_EXPIRES" if renewable else "JWT_ACCESS_TOKEN_EXPIRES"
        ]
        sid = sessions.open_session(
            account.user_id,
            door=services.API_DOOR,
            ip=request.remote_addr,
            lifetime=lifetime,
            agent=request.user_agent.string,
            most=_MOST_SESSIONS if account.kind in STAFF else None,
        )
        identity, claims = str(account.user_id), {SESSION_TOKEN: sid}
        answer = {"access_token": create_access_token(identity, fresh=True, additional_claims=claims)}
        if renewable:
            answer["refresh_token"] = create_refresh_token(identity, additional_claims=claims)
            sessions.begin_refreshing(sid, str(get_jti(answer["refresh_token"])))
        return json_answer(200, answer)

    @fab_expose("/refresh", methods=["POST"])
    @describe(
        group(("access_token", "refresh_token"), access_token=STRING, refresh_token=STRING),
        security="jwt_refresh",
        errors=(401,),
    )
    def refresh(self) -> Response:
        """A new pair of tokens for a refresh token, which is sent as the bearer and holds for this one use."""
        try:
            verify_jwt_in_request(refresh=True, locations=["headers"])
        except Exception as error:  # the library has a dozen kinds; all mean: not a valid token
            raise Unauthenticated() from error
        claims = get_jwt()
        sid = str(claims.get(SESSION_TOKEN, ""))
        if sessions.user_of(sid) is None:
            raise Unauthenticated()
        identity, own = str(claims["sub"]), {SESSION_TOKEN: sid}
        renewed = create_refresh_token(identity, additional_claims=own)
        if not sessions.rotate(sid, str(claims["jti"]), str(get_jti(renewed))):
            raise Unauthenticated(_("This token was used already, so the session has ended. Please log in again."))
        token = create_access_token(identity, fresh=False, additional_claims=own)
        return json_answer(200, {"access_token": token, "refresh_token": renewed})

    @expose("/logout", methods=["POST"])
    @describe(group(("logged_out",), logged_out=BOOLEAN))
    def logout(self) -> Response:
        """End this session: its access and refresh tokens are worth nothing from now on."""
        actor = self.actor()
        sessions.end_session(str(get_jwt().get(SESSION_TOKEN, "")), ip=actor.ip)
        return json_answer(200, {"logged_out": True})


@dataclass(frozen=True)
class Reader:
    """What FAB's templates want to know of the user; costs no statement."""

    id: int | None
    username: str
    name: str
    is_authenticated = is_active = active = True
    is_anonymous = False

    def get_id(self) -> str:
        """flask_login's key."""
        return str(self.id)

    def get_full_name(self) -> str:
        """The name in Chinese order, without the space that FAB puts between its parts."""
        return self.name

    def __str__(self) -> str:
        return self.name


def _reader() -> Reader | None:
    actor = actor_or_none()
    return Reader(actor.user_id, actor.username, actor.name) if actor else None


class SecurityManager(FabSecurityManager):
    """Who may do what on FAB's screens; accounts, log-in and roles are ours."""

    security_api = SecurityApi
    userstatschartview = None

    def register_views(self) -> None:
        """Only the API; the entrances are the index view, roles and accounts are views of the access room."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.appbuilder._indexview

    def create_login_manager(self, app: Flask) -> LoginManager:
        """flask_login asks us at each request; nothing of it stands in the cookie."""
        manager = LoginManager(app)
        manager.request_loader(lambda _request: _reader())
        return manager

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        """Tokens are tied to a session row (current.py); no second look-up of the user."""
        app.config.setdefault("JWT_REFRESH_TOKEN_EXPIRES", timedelta(days=7))
        return JWTManager(app)

    @property
    def current_user(self) -> User | None:
        """FAB's user of the running request."""
        actor = actor_or_none()
        return session.get(User, actor.user_id) if actor else None

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """From the actor's cached set: no statement."""
        actor = actor_or_none()
        if actor is None:
            return self.is_item_public(permission_name, view_name)
        return actor.may(permission_name, view_name) or self.is_item_public(permission_name, view_name)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """What needs no account; not a role, so that nobody opens something by mistake."""
        return (permission_name, view_name) in _PUBLIC

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """The menu entries of the actor's roles."""
        actor = actor_or_none()
        return {name for name in menu_names or () if actor and actor.may("menu_access", name)}

    def auth_user_db(self, username: str, password: str) -> User | None:
        """FAB's hook, for its own commands: the same service as every door."""
        try:
            account = services.authenticate(username, password, ip=None, door=services.API_DOOR)
        except Unauthenticated:
            return None
        return account.user

    def add_permissions_view(self, base_permissions: list[str], view_menu: str) -> None:
        """Make permissions known; never remove: several views and APIs share one name."""
        with transaction():
            ensure_pairs((permission, view_menu) for permission in base_permissions)

    def add_permissions_menu(self, view_menu_name: str) -> None:
        """Make a menu entry known."""
        with transaction():
            ensure_pairs([("menu_access", view_menu_name)])


def _credentials(body: dict[str, Any]) -> dict[str, Any]:
    wrong = {
        name: [_("Please fill this in.")]
        for name in ("username", "password")
        if not isinstance(body.get(name), str) or not body[name]
    }
    refresh = body.get("refresh", False)
    if not isinstance(refresh, bool):
        wrong["refresh"] = [_("This value cannot be read. Please check it.")]
    if wrong:
        raise Invalid(wrong)
    if body.get("provider", "db") != "db":
        raise Malformed(_("The only log-in provider is “db”."))
    return {
        "username": body["username"],
        "password": body["password"],
        "refresh": refresh,
        "challenge": body.get("challenge"),
        "otp": body.get("otp"),
    }
