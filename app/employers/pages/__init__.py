"""Pages of the units: first log-in, unit information, accounts."""

from __future__ import annotations

from flask import Flask

from app.access.actors import EMPLOYER
from app.doors import links
from app.employers.pages import gate, onboarding, units


def register(app: Flask) -> None:
    """Open the pages; close all others to users whose unit is not verified."""
    app.register_blueprint(onboarding.blueprint)
    app.register_blueprint(units.blueprint)
    gate.register(app)
    links.declare("verification", EMPLOYER, "onboarding.record")
