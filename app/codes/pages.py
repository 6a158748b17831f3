"""Reference data for the browser: the regions behind the cascaded selects."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.access.actors import KINDS
from app.codes import queries
from app.web.pages import page_access

blueprint = Blueprint("codes", __name__, url_prefix="/codes")


@blueprint.get("/regions.json")
@page_access(*KINDS)
def regions() -> Response:
    """[[code, name, parent code or ""], …] of every region that is valid today; browsers keep it for a day."""
    response = jsonify(queries.region_rows())
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
