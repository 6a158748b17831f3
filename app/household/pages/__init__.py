"""The graduate's pages of archive and hukou: overview, choice of the type, form, progress (R7.12)."""

from __future__ import annotations

from functools import partial

from flask import Flask

from app.access.actors import GRADUATE
from app.cases import progress
from app.household.pages import home, overview, records
from app.household.records import told_changes
from app.household.types import KINDS
from app.web import links


def register(app: Flask) -> None:
    """Open the pages and say where a record is shown."""
    app.register_blueprint(overview.blueprint)
    for kind in KINDS:
        app.register_blueprint(records.pages_of(kind))
        progress.tell_changes(kind, partial(told_changes, kind))
        links.declare(kind, GRADUATE, f"graduate_{kind}.record", f"{kind}_id")
    home.declare()
