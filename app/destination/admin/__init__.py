"""FAB's doors of the room: what reviewers decide, who waits after a void, and what operators edit."""

from __future__ import annotations

from flask import Flask

from app.destination.admin import destinations, types, voided, wages


def register(app: Flask) -> None:
    """Open the pages in the order of the menu."""
    for door in (destinations, voided, types, wages):
        door.register(app)
