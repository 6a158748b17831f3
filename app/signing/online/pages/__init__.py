"""Pages of the online signings: the letter, its templates, the agreement."""

from __future__ import annotations

from flask import Flask

from app.access.actors import EMPLOYER, GRADUATE
from app.signing import home
from app.signing.online.pages import agreements, invitations, letter_templates
from app.web import links


def register(app: Flask) -> None:
    """Open the pages."""
    for room in (invitations, letter_templates, agreements):
        app.register_blueprint(room.blueprint)
    home.declare()
    links.declare("online_signing", EMPLOYER, "employer.signing")
    links.declare("online_signing", GRADUATE, "graduate.signing")
