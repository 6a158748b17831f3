"""Pages that the cases of every workflow share."""

from __future__ import annotations

from flask import Flask

from app.cases.proof import unconfirmed_until
from app.cases.words import state_word


def register(app: Flask) -> None:
    """Let templates of any room write a case's state."""
    app.jinja_env.globals["state_word"] = state_word
    app.jinja_env.globals["unconfirmed_until"] = unconfirmed_until
