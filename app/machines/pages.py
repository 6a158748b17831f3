"""/docs: how other systems work with the platform; open to everybody."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template

from app.ems.openapi import document
from app.machines.records import blocks
from app.web.gate import open_to_all

blueprint = Blueprint("docs", __name__)
open_to_all("docs.show", "docs.employment_system")


@blueprint.get("/docs")
def show() -> str:
    """docs/api.md as a page."""
    return render_template("machines/docs.html", blocks=blocks())


@blueprint.get("/docs/employment-system.json")
def employment_system() -> Response:
    """What an employment system must answer, as OpenAPI: for its makers."""
    return jsonify(document())
