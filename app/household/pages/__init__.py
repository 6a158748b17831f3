"""The graduate's pages of archive and hukou: overview, choice of the type, form, progress (R7.12)."""

from __future__ import annotations

from flask import Flask

from app.household.pages import overview, records
from app.household.types import KINDS


def register(app: Flask) -> None:
    app.register_blueprint(overview.blueprint)
    for kind in KINDS:
        app.register_blueprint(records.pages_of(kind))
