"""Pages before and around the log-in: activation, registration, forgotten password, own account (R1.1, R1.2, R1.10)."""

from __future__ import annotations

from flask import Flask

from app.entrances.pages import activation, federated, frame, guides, own, recovery, registration


def register(app: Flask) -> None:
    """Open the pages and add their ways in to the entrances."""
    for part in (activation, registration, recovery, federated, own, guides):
        app.register_blueprint(part.blueprint)
    frame.register(app)
