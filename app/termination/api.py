"""The API of the terminations: online and offline."""

from __future__ import annotations

from flask import Flask

from app.termination import offline_api, online_api


def register(app: Flask) -> None:
    """Open the doors of this room's workflows."""
    for room in (online_api, offline_api):
        room.register(app)
