"""Pages that the cases of every workflow share."""

from __future__ import annotations

from flask import Flask

from app.cases.pages import photos
from app.cases.words import state_word


def register(app: Flask) -> None:
    """Open the door for pictures; let templates of any room write a case's state."""
    app.register_blueprint(photos.blueprint)
    app.jinja_env.globals["state_word"] = state_word
