"""FAB's doors of the room: choice of the module, settings of provinces and schools, reference lists."""

from __future__ import annotations

from flask import Flask

from app.schools.admin import modules, province, reference, settings


def register(app: Flask) -> None:
    """Open the pages in the order of the menu."""
    for door in (modules, province, settings, reference):
        door.register(app)
