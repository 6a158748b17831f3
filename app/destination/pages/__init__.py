"""The graduate's pages of the destinations: the way to the right type, the form, the progress (R7.9-R7.11)."""

from __future__ import annotations

from flask import Flask

from app.access.actors import GRADUATE
from app.destination.pages import choosing, records, standing, writing
from app.web import links


def register(app: Flask) -> None:
    """Open the pages and say where a record is shown."""
    for room in (records, choosing, writing):
        app.register_blueprint(room.blueprint)
    standing.declare()
    links.declare("destination", GRADUATE, "destinations.record")
