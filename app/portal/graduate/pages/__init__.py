"""The graduate's workplace on the phone: home, signings, letters."""

from __future__ import annotations

from flask import Flask

from app.portal.graduate.pages import home, papers, signings


def register(app: Flask) -> None:
    """Open the pages."""
    app.register_blueprint(signings.blueprint)
    app.register_blueprint(papers.blueprint)
    home.declare()
