"""Pages of the terminations: for graduates and for units."""

from __future__ import annotations

from flask import Flask

from app.termination import offline_pages, online_pages


def register(app: Flask) -> None:
    """Open the pages of both workflows."""
    for room in (online_pages, offline_pages):
        room.register(app)
