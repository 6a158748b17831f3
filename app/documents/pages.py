"""Puts the room to work in a process: its templates for previews on screen, its storage."""

from __future__ import annotations

from flask import Blueprint, Flask

from app.documents.queries import attachments_of
from app.documents.storage import LocalStorage, use_storage
from app.doors import cases

blueprint = Blueprint("documents", __name__, template_folder="templates")


def register(app: Flask) -> None:
    """Templates such as documents/_agreement_text.html, and the files of VAR_DIR."""
    app.register_blueprint(blueprint)
    use_storage(LocalStorage(app.config["SETTINGS"].var_dir / "files"))
    cases.use_attachments(attachments_of)
