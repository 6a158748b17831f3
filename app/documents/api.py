"""Kept files over the API: /api/v1/attachments."""

from __future__ import annotations

import io

from flask import Response, send_file

from app.documents.services import attachment_for, read_file
from app.documents.uploads import JPEG, PDF, PNG
from app.fab.api import RoomApi, describe, expose
from app.fab.shapes import File
from app.web.numbers import row_id


class AttachmentApi(RoomApi):
    """Files of cases, to those who may see the case."""

    resource_name = "attachments"
    class_permission_name = "attachments"

    @expose("/<int:pk>", methods=["GET"])
    @describe(File(JPEG, PNG, PDF))
    def get(self, pk: int) -> Response:
        """The bytes of a kept file, to those in whose scope its case lies."""
        file = attachment_for(row_id(pk), actor=self.actor())
        return send_file(io.BytesIO(read_file(file)), mimetype=file.mime, as_attachment=True, download_name=file.name)
