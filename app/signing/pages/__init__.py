"""Pages of the signings: for units and for graduates."""

from __future__ import annotations

from flask import Flask

from app.access.actors import EMPLOYER, GRADUATE
from app.doors import links
from app.signing.pages import agreements, employer, favorites, graduate, invitations


def register(app: Flask) -> None:
    """Open the pages."""
    for room in (employer, favorites, invitations, graduate, agreements):
        app.register_blueprint(room.blueprint)
    links.declare("online_signing", EMPLOYER, "employer.signing")
    links.declare("online_signing", GRADUATE, "graduate.signing")
