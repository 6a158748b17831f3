"""The graduate's workplace on the phone: home, signings, blanks to print."""

from __future__ import annotations

from flask import Flask

from app.portal.graduate.pages import home, mine, papers, signings


def register(app: Flask) -> None:
    assert home.blueprint is mine.blueprint is signings.blueprint  # one blueprint over three files
    app.register_blueprint(signings.blueprint)
    app.register_blueprint(papers.blueprint)
