"""The graduate's pages of the destinations: the way to the right type, the form, the progress (R7.9-R7.11)."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.access.actors import GRADUATE, Actor
from app.web.shell import contribute


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The place in the bottom bar."""
    return {"urls": {"destination": url_for("destinations.overview")}} if actor.kind == GRADUATE else {}
