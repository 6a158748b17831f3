"""Shows kept files to those who may see them."""

from __future__ import annotations

import io

from flask import Blueprint, Response, send_file

from app.access.actors import KINDS
from app.documents.models import StoredFile
from app.documents.services import attachment_for, read_file
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access

blueprint = Blueprint("documents", __name__)


# A file is looked at, never run: whatever a browser takes it for, it loads and starts nothing.
_LOCKED = "default-src 'none'; img-src 'self'; sandbox"


@blueprint.get("/files/<file_id>")
@page_access(*KINDS)
def show_file(file_id: str) -> Response:
    """A kept file to those who may see its case: pictures in the page, everything else as a download (R9.3)."""
    return file_answer(attachment_for(row_id(file_id), actor=current_actor()))


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
