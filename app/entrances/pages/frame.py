"""What the other pages learn from here: ways in at the entrances, own account and guide in the frame, first duties."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.settings import settings
from app.entrances.pages import channel_login
from app.entrances.pages.own import PLACES, own_url
from app.entrances.words import ADD_FACTOR, CHOOSE_OWN_PASSWORD
from app.web.current import actor_or_none
from app.web.gate import is_open
from app.web.pages import own_path
from app.web.shell import contribute

_ENTRANCES = ("EntranceView.start", "EntranceView.enter")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """Own account and operation guide of every workplace (R1.8, R1.11)."""
    return {"urls": {"profile": own_url(actor.kind)}, "guide_url": url_for("guides.download")}


def ways_in() -> dict[str, Any]:
    """The links of the entrances to those who have no account yet or have lost their password."""
    if request.endpoint not in _ENTRANCES:
        return {}
    door = (request.view_args or {}).get("door")
    oidc = settings().oidc if door == "graduate" else None
    provider = oidc and {
        "label": oidc.label or _("Log in with the unified identity"),
        "url": url_for("federated.start"),
    }
    return {
        "activate_url": url_for("activation.ask"),
        "register_url": url_for("registration.ask"),
        "recover_urls": {door: url_for("recovery.ask", door=door) for door in ("employer", "graduate")},
        "provider": provider,
        "code_url": url_for("phone_login.ask", next=own_path(request.args.get("next"))),
        "channel_ways": channel_login.ways(request.args.get("next")) if door == "graduate" else [],
    }


def password_first() -> ResponseReturnValue | None:
    """An own password before anything else, then a second factor where one is demanded; at the pages."""
    actor = None if _is_free() else actor_or_none()
    if actor is None or request.endpoint in _FIRST:
        return None
    if actor.must_change_password:
        flash(str(CHOOSE_OWN_PASSWORD), "warning")
        return redirect(own_url(actor.kind))
    if actor.must_add_factor and request.endpoint not in _FACTOR_FIRST:
        flash(str(ADD_FACTOR), "warning")
        return redirect(f"{own_url(actor.kind)}#factor")
    return None


_FACTOR_FIRST = {"factor.begin", "factor.confirm"}
_FIRST = {"again.show"} | {f"own.{place}_{what}" for place in PLACES for what in ("show", "change_password")}


def _is_free() -> bool:
    return request.endpoint is None or request.path.startswith("/api/") or is_open(request.endpoint)


def register(app: Flask) -> None:
    """Hang these on every request and template."""
    app.context_processor(ways_in)
    app.before_request(password_first)
