"""The unit's workplace: workbench, favorites, long jobs."""

from __future__ import annotations

from flask import Flask

from app.portal.employer.pages import favorites, jobs, workbench


def register(app: Flask) -> None:
    for room in (workbench, favorites, jobs):
        app.register_blueprint(room.blueprint)
