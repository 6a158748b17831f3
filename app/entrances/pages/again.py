"""Whether the session still holds, and a fresh token of it: what a long form asks before it is sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_wtf.csrf import generate_csrf

from app.access.actors import KINDS
from app.web.current import current_actor
from app.web.pages import page_access

blueprint = Blueprint("again", __name__)


@blueprint.get("/session")
@page_access(*KINDS)
def show() -> dict[str, Any]:
    """Who is logged in now: whoever logged in beside the form may be somebody else than who filled it in."""
    return {"account": current_actor().username, "token": generate_csrf()}
