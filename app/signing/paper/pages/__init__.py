"""Pages of the signings on paper: the graduate's form and record, the unit's upload link."""

from __future__ import annotations

from flask import Flask

from app.signing.paper.pages import records, upload, writing


def register(app: Flask) -> None:
    assert writing.blueprint is records.blueprint  # its routes lie in two files
    app.register_blueprint(records.blueprint)
    app.register_blueprint(upload.blueprint)
