"""What was read on the copies of a paper: a piece for the pages of its record, and each copy beside its page."""

from __future__ import annotations

import io

from flask import Blueprint, Flask, Response, render_template, send_file, url_for

from app.access.actors import GRADUATE, STAFF
from app.documents.scans.queries import reading_of
from app.documents.scans.services import shown_of
from app.web.current import current_actor
from app.web.pages import page_access
from app.workflow import engine, registry

blueprint = Blueprint("scans", __name__, url_prefix="/scans")
_READERS = (GRADUATE, *STAFF)


@blueprint.get("/<string:workflow>/<int:case_id>/<string:kind>/<string:paper>")
@page_access(*_READERS)
def of_case(workflow: str, case_id: int, kind: str, paper: str) -> str:
    """The piece; it asks again while files are being read."""
    case = engine.load(registry.get(workflow), case_id, actor=current_actor())
    again = url_for("scans.of_case", workflow=workflow, case_id=case_id, kind=kind, paper=paper)
    return render_template("scans/reading.html", reading=reading_of(case, kind, paper), again=again)


@blueprint.get("/<int:sheet_id>.jpg")
@page_access(*_READERS)
def beside(sheet_id: int) -> Response:
    """Page and copy side by side."""
    content = shown_of(sheet_id, actor=current_actor())
    answer = send_file(io.BytesIO(content), mimetype="image/jpeg", download_name=f"{sheet_id}.jpg")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def register(app: Flask) -> None:
    """Let the pages of records name the piece."""
    app.jinja_env.globals["scans_url"] = lambda case, kind, paper: url_for(
        "scans.of_case", workflow=case.workflow_name, case_id=case.id, kind=kind, paper=paper
    )
