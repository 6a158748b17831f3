"""Favorites from a sheet over the API: the template, and the import as a job (R6.3)."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from flask import Flask, Response, request, send_file
from flask_babel import gettext as _

from app.access.actors import EMPLOYER
from app.base.errors import Invalid, UnsupportedMedia
from app.employers.favorites.imports import KIND, check_import_allowed, start_import
from app.employers.favorites.people_sheet import HEADINGS, template
from app.fab.api import RoomApi, describe, expose
from app.fab.jobs import JobSheet, declare, said
from app.fab.shapes import FILE, JOB, SHEET
from app.web.sheets import MIMETYPE, Column


class FavoritesImportApi(RoomApi):
    """学生收藏夹: many graduates at once."""

    resource_name = class_permission_name = "favorites"
    permissions = {"can_list": (EMPLOYER,), "can_create": (EMPLOYER,)}

    @expose("/template", methods=["GET"])
    @describe(SHEET)
    def get_template(self) -> Response:
        """The empty sheet with its three columns."""
        self.require("can_list")
        return template_answer()

    @expose("/import", methods=["POST"])
    @describe(JOB, status=202, upload={"file": FILE}, once=True)
    def post_import(self) -> Response:
        """Look for everybody on a sheet and keep whom is found; a job with the outcome {added, missed}."""
        actor = self.actor()
        check_import_allowed(actor=actor)
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMedia(_("Please send the file as multipart/form-data."))
        file = request.files.get("file")
        if file is None:
            raise Invalid({"file": [_("Please choose a file.")]})
        content = file.read()
        return self.once(lambda: (202, {"job_id": start_import(content, actor=actor).id}))

    def _sent(self) -> Any:
        file = request.files.get("file")
        if file is None:
            return {}
        file.stream.seek(0)
        return {"file": hashlib.sha256(file.read()).hexdigest()}


def template_answer() -> Response:
    """The template as a download."""
    name = _("Template for graduates") + ".xlsx"
    return send_file(io.BytesIO(template()), mimetype=MIMETYPE, as_attachment=True, download_name=name)


def columns() -> list[Column]:
    """The result sheet: what was sent, and what became of it."""

    def cell(name: str, heading: str, width: int) -> Column:
        return Column(heading, lambda item: item.payload.get(name, ""), width)

    sent = [cell(name, heading, 22) for heading, name in HEADINGS.items()]
    return [cell("row", _("Row"), 8), *sent, Column(_("Result"), said, 60)]


def register(app: Flask) -> None:
    declare(KIND, JobSheet(lambda: _("Result of the import"), columns))
    app.appbuilder.add_api(FavoritesImportApi)  # type: ignore[attr-defined]
