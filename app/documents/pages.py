"""Shows kept files to those who may see them."""

from __future__ import annotations

import io

from flask import Blueprint, Flask, Response, render_template, send_file, url_for

from app.access.actors import KINDS
from app.documents.lasting.reading import reading_copy
from app.documents.models import StoredFile
from app.documents.services import attachment_for, paper_to_read, read_file
from app.web.current import current_actor
from app.web.links import record_url
from app.web.numbers import row_id
from app.web.pages import layout_of, page_access
from app.workflow import engine, registry
from app.workflow.models import BareCaseMixin

blueprint = Blueprint("documents", __name__)


# A file is looked at, never run: whatever a browser takes it for, it loads and starts nothing.
_LOCKED = "default-src 'none'; img-src 'self'; sandbox"


@blueprint.get("/files/<file_id>")
@page_access(*KINDS)
def show_file(file_id: str) -> Response:
    """A kept file to those who may see its case: pictures in the page, everything else as a download (R9.3)."""
    return file_answer(attachment_for(row_id(file_id), actor=current_actor()))


@blueprint.get("/papers/<workflow>/<case_id>/<kind>")
@page_access(*KINDS)
def read_paper(workflow: str, case_id: str, kind: str) -> str:
    """The words of a paper on screen, to those who may see its case; the PDF stays the original."""
    actor = current_actor()
    case = engine.load(registry.get(workflow), row_id(case_id), actor=actor)
    paper, file = paper_to_read(case, kind)
    return render_template(
        "documents/reading.html",
        layout=layout_of(actor.kind),
        paper=paper,
        file=file,
        copy=reading_copy(paper),
        back=record_url(workflow, case.id, actor.kind),
    )


def reading_url(case: BareCaseMixin, kind: str | None = None) -> str:
    """Where the reading copy of a paper of this case is; for the pages that hand out the PDF."""
    kind = kind or registry.get(case.workflow_name).document
    return url_for("documents.read_paper", workflow=case.workflow_name, case_id=case.id, kind=kind)


def register(app: Flask) -> None:
    """Let the pages of every record lead to the reading copies of its papers."""
    app.jinja_env.globals["reading_url"] = reading_url


def file_answer(file: StoredFile) -> Response:
    """A kept file as an answer; the caller has checked that the reader may see it."""
    answer = send_file(
        io.BytesIO(read_file(file)),
        mimetype=file.mime,
        as_attachment=not file.mime.startswith("image/"),
        download_name=file.name,
    )
    answer.headers["Content-Security-Policy"] = _LOCKED
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
