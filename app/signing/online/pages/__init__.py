"""Pages of the online signings: the letter, its templates, the agreement."""

from __future__ import annotations

from flask import Flask

from app.signing.online.pages import agreements, invitations, letter_templates


def register(app: Flask) -> None:
    for room in (invitations, letter_templates, agreements):
        app.register_blueprint(room.blueprint)
