"""A user whose unit is not verified is led to the verification, whatever page of units they ask for (R5.6)."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask_babel import gettext as _

from app.access.actors import EMPLOYER
from app.base.errors import Conflict
from app.employers.verification.services.onboarding import verified_unit
from app.web.current import actor_or_none, is_api
from app.web.pages import page_kinds

# Pages of units alone that work before the verification. Pages for every kind of account stay as they are: their
# rows are scoped, and a unit that is not verified has none.
OPEN_ROOMS = ("onboarding", "joining", "notices", "own")


def register(app: Flask) -> None:
    """Ask before every page of units; the API's services ask themselves."""

    @app.before_request
    def lead_to_verification() -> Any:
        if is_api() or request.endpoint is None or request.blueprint in OPEN_ROOMS:
            return None
        if page_kinds(current_app.view_functions[request.endpoint]) != (EMPLOYER,):
            return None
        actor = actor_or_none()
        if actor is None or actor.kind != EMPLOYER:
            return None
        g.unit = verified_unit(actor)  # held, so that page and frame find it in the session instead of reading it anew
        if g.unit is not None:
            return None
        if request.method == "GET":
            return redirect(url_for("onboarding.resume"))
        raise Conflict(_("Your unit is not verified yet. Please finish the verification first."), "unverified")
