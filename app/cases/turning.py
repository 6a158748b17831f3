"""Turning a kept picture by a quarter: phones are held askew, and a reviewer should not have to tilt the head."""

from __future__ import annotations

import io
from typing import Any

from flask_babel import lazy_gettext as _
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.access.actors import Actor
from app.base.database import transaction
from app.base.errors import Invalid, NotFound
from app.cases.attachments import attach_file, remove_file
from app.documents.services import attachment_for, read_file

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}


def turn_file(workflow: str, case_id: int, file_id: int, *, actor: Actor) -> dict[str, Any]:
    """Put a picture of a case in the place of itself, turned clockwise by a quarter; the new one has a new id.

    For whoever may add and remove this file now. Raises NotFound, Forbidden, Conflict as `attach_file` does, Invalid
    at `file` for what is no picture.
    """
    with transaction():
        file = attachment_for(file_id, actor=actor)
        if (file.workflow, file.case_id) != (workflow, case_id):
            raise NotFound()
        if file.mime not in _FORMATS:
            raise Invalid({"file": [_("Only pictures can be turned.")]})
        content, kind, name, mime = read_file(file), file.kind, file.name, file.mime
        remove_file(workflow, case_id, file_id, actor=actor)
        turned = FileStorage(io.BytesIO(_turned(content, _FORMATS[mime])), filename=name)
        return attach_file(workflow, case_id, kind, turned, actor=actor)


def _turned(content: bytes, form: str) -> bytes:
    picture = Image.open(io.BytesIO(content), formats=[form])
    written = io.BytesIO()
    # It is drawn once more when it is kept: what is handed over there must not lose anything first.
    picture.transpose(Image.Transpose.ROTATE_270).save(written, form, **({"quality": 95} if form == "JPEG" else {}))
    return written.getvalue()
