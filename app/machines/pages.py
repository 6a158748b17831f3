"""/docs: how other systems work with the platform; open to everybody."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.machines.records import blocks
from app.web.gate import open_to_all

blueprint = Blueprint("docs", __name__)
open_to_all("docs.show")


@blueprint.get("/docs")
def show() -> str:
    """docs/api.md as a page."""
    return render_template("machines/docs.html", blocks=blocks())
