"""The first log-in of a unit's user, and the way to it from every other page of units (R5.1-R5.8)."""

from __future__ import annotations

from flask import Flask

from app.employers.verification.pages import steps, unverified


def register(app: Flask) -> None:
    """Open the pages; close all others to users whose unit is not verified."""
    app.register_blueprint(steps.blueprint)
    unverified.register(app)
