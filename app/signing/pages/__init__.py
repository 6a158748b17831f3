"""Pages of the signings that need no account."""

from __future__ import annotations

from flask import Flask

from app.signing.pages import verify


def register(app: Flask) -> None:
    app.register_blueprint(verify.blueprint)
