"""A WeChat that stands in for the real one: binding and log-in can be tried, messages are shown in the site alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.base.errors import Malformed
from app.base.settings import settings
from app.notices import channels
from app.notices.channels.base import Binding, Channel, Refused
from app.notices.channels.development import DevelopmentChannel
from app.notices.channels.wechat import NAME
from app.web.gate import open_to_all
from app.web.pages import own_path
from app.workflow.queues import redis

blueprint = Blueprint("standin_wechat", __name__, url_prefix="/standin/wechat")
_COOKIE = "standin_wechat"
_SECONDS = 300
_make_real = channels.declared()[NAME].make


class StandinWechat(DevelopmentChannel):
    """Each browser is one person's WeChat; nobody can pretend to be another's."""

    binding = Binding(_("Trial: bind the stand-in's WeChat of this browser."), login=_("Log in with WeChat"))

    def authorize_address(self, return_to: str, state: str) -> str:
        """The stand-in's own question, on this very site."""
        parts = urlsplit(return_to)
        return url_for("standin_wechat.ask", redirect_uri=parts.path, state=state)

    def address_for(self, code: str) -> str:
        """The openid behind a code, which counts once."""
        found = redis().getdel(_key(code))
        if found is None:
            raise Refused("bad_code")
        return found.decode() if isinstance(found, bytes) else str(found)


def _make(values: Mapping[str, str]) -> Channel | None:
    return _make_real(values) or (None if settings().is_production else StandinWechat(NAME))


def _key(code: str) -> str:
    return f"standin:wechat:{hashlib.sha256(code.encode()).hexdigest()}"


def _openid(cookie: str) -> str:
    return f"o{hashlib.sha256(cookie.encode()).hexdigest()[:27]}"


@blueprint.get("/")
def ask() -> ResponseReturnValue:
    """Who this browser's WeChat is, and whether the platform may know."""
    cookie = request.cookies.get(_COOKIE) or secrets.token_urlsafe(24)
    response = make_response(render_template("trial/wechat.html", openid=_openid(cookie), asked=request.args))
    response.set_cookie(_COOKIE, cookie, max_age=365 * 86400, httponly=True, samesite="Lax")
    return response


@blueprint.post("/")
def agree() -> ResponseReturnValue:
    """Back to the platform with a code."""
    cookie, target = request.cookies.get(_COOKIE, ""), own_path(request.form.get("redirect_uri"))
    if not cookie or not target:
        raise Malformed(_("This question was not asked by the platform."))
    code = secrets.token_urlsafe(16)
    redis().set(_key(code), _openid(cookie), ex=_SECONDS)
    return redirect(f"{target}?{urlencode({'code': code, 'state': request.form.get('state', '')})}")


def open_wechat(app: Flask) -> None:
    """Let it stand in where no official account is configured, and open its page."""
    channels.declare(replace(channels.declared()[NAME], make=_make))
    app.register_blueprint(blueprint)
    open_to_all("standin_wechat.ask", "standin_wechat.agree")
