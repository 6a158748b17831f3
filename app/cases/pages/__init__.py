"""Pages that the cases of every workflow share."""

from __future__ import annotations

from flask import Flask

from app.cases.guards import same_hand
from app.cases.proof import unconfirmed_until
from app.cases.words import state_word
from app.web.current import current_actor


def register(app: Flask) -> None:
    """Let templates of any room write a case's state."""
    app.jinja_env.globals["state_word"] = state_word
    app.jinja_env.globals["unconfirmed_until"] = unconfirmed_until
    app.jinja_env.globals["why_not_second"] = lambda case: same_hand(case, current_actor())
