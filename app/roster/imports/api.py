"""The API of the roster: upload a sheet, look at its check, commit, undo; remove and restore one student."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from flask import Flask, Response, request, send_file
from flask_babel import gettext as _

from app.access.actors import SCHOOL
from app.base.clock import moment
from app.base.database import session
from app.base.errors import Invalid, TooLarge, UnsupportedMedia
from app.fab.api import RoomApi, expose
from app.roster.imports import limits
from app.roster.imports.columns import HEADING_OF
from app.roster.imports.queries import batch_visible_to, dry_rows, progress_of
from app.roster.imports.services import receive_sheet, require_import
from app.roster.imports.template import template_sheet
from app.roster.imports.writing import commit_batch, undo_batch
from app.roster.models import CHANGED, RosterBatch
from app.roster.services import remove_from_roster, restore_to_roster
from app.schools.models import School
from app.web.numbers import row_id
from app.web.sheets import MIMETYPE

UPLOADS = {"RosterApi.upload", "RosterImportView.upload"}


class RosterApi(RoomApi):
    """学生名单: written by school accounts with 读写 on employment."""

    resource_name = class_permission_name = "roster"
    permissions = {"can_import": (SCHOOL,), "can_remove": (SCHOOL,), "can_restore": (SCHOOL,)}

    @expose("/template", methods=["GET"])
    def template(self) -> Response:
        """The empty sheet.
        ---
        get:
          summary: The template with its fixed headings, notes and code lists
          responses:
            200:
              description: An xlsx file
              content:
                application/vnd.openxmlformats-officedocument.spreadsheetml.sheet:
                  schema: {type: string, format: binary}
        """
        require_import(self.actor())
        return template_answer(self.actor().school_id)

    @expose("/import", methods=["POST"])
    def upload(self) -> Response:
        """Upload a sheet to be checked.
        ---
        post:
          summary: Upload an xlsx; a worker checks it, nothing is written before the commit
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema: {type: object, required: [file], properties: {file: {type: string, format: binary}}}
          responses:
            202:
              description: The batch whose check has begun
              content:
                application/json:
                  schema: {type: object, required: [batch_id], properties: {batch_id: {type: integer}}}
        """
        actor = self.actor()
        require_import(actor)
        content, name = uploaded_file()
        return self.once(lambda: (202, {"batch_id": receive_sheet(content, name, actor=actor).id}))

    def _sent(self) -> Any:
        file = request.files.get("file")
        if file is None:
            return self.body()
        file.stream.seek(0)
        return {"file": hashlib.sha256(file.stream.read()).hexdigest()}

    @expose("/batches/<int:pk>", methods=["GET"])
    def batch(self, pk: int) -> Response:
        """How the check went.
        ---
        get:
          summary: A batch; a refused one lists what is wrong by row and column, a ready one what it would change
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The batch
              content: {application/json: {schema: {type: object}}}
        """
        found = batch_visible_to(self.actor(), row_id(pk))
        require_import(self.actor())
        return self.one(pk, batch_json(found))

    @expose("/batches/<int:pk>/commit", methods=["POST"])
    def commit(self, pk: int) -> Response:
        """Write a ready batch.
        ---
        post:
          summary: Write a ready batch to the roster, all of it or nothing
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The committed batch
              content: {application/json: {schema: {type: object}}}
        """
        return self.one(pk, batch_json(commit_batch(row_id(pk), actor=self.actor())))

    @expose("/batches/<int:pk>/undo", methods=["POST"])
    def undo(self, pk: int) -> Response:
        """Take a committed batch back.
        ---
        post:
          summary: Erase the new students and restore the changed ones, while nothing has been built on them
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The undone batch
              content: {application/json: {schema: {type: object}}}
        """
        return self.one(pk, batch_json(undo_batch(row_id(pk), actor=self.actor())))

    @expose("/<int:pk>", methods=["DELETE"])
    def remove(self, pk: int) -> Response:
        """Take a graduate off the roster.
        ---
        delete:
          summary: Remove a graduate from the roster; everything of the graduate becomes invalid and is kept (R4.7)
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The removed graduate
              content: {application/json: {schema: {type: object}}}
        """
        graduate = remove_from_roster(row_id(pk), actor=self.actor())
        return self.one(pk, {"id": pk, "name": graduate.name, "invalid_since": moment(graduate.invalid_since)})

    @expose("/<int:pk>/restore", methods=["POST"])
    def restore(self, pk: int) -> Response:
        """Bring a removed graduate back.
        ---
        post:
          summary: Upload the kept row again and restore the graduate with all states at once (R4.8)
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The restored graduate
              content: {application/json: {schema: {type: object}}}
        """
        graduate = restore_to_roster(row_id(pk), actor=self.actor())
        return self.one(pk, {"id": pk, "name": graduate.name, "invalid_since": moment(graduate.invalid_since)})


def uploaded_file() -> tuple[bytes, str]:
    """Content and name of the uploaded sheet; raises UnsupportedMedia, Invalid, TooLarge."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMedia(_("Please send the file as multipart/form-data."))
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": [_("Please choose a file.")]})
    content = file.stream.read(limits.MOST_BYTES + 1)
    if len(content) > limits.MOST_BYTES:
        raise TooLarge(
            _("The file is larger than %(most)s MB. Please divide it.", most=limits.MOST_BYTES // 1024 // 1024)
        )
    return content, file.filename


def template_answer(school_id: int | None) -> Response:
    """The template of a school as a download."""
    school = session.get_one(School, school_id)
    name = _("Roster template") + ".xlsx"
    return send_file(io.BytesIO(template_sheet(school.code)), mimetype=MIMETYPE, as_attachment=True, download_name=name)


def batch_json(batch: RosterBatch) -> dict[str, Any]:
    """A batch as the interface tells it; of the changes the first page."""
    done, total = progress_of(batch)
    changes = dry_rows(batch, CHANGED, 0) if batch.changed else []
    return {
        "id": batch.id,
        "state": batch.state,
        "file": batch.file_name,
        "rows": batch.rows,
        "new": batch.new,
        "changed": batch.changed,
        "unchanged": batch.unchanged,
        "errors": batch.errors or [],
        "error_count": batch.error_count or 0,
        "warnings": batch.warnings or [],
        "changes": [
            {
                "row": row.number,
                "exam_number": row.values["exam_number"],
                "differences": [
                    {"column": HEADING_OF.get(name, name), "field": name, "before": before, "after": after}
                    for name, before, after in row.differences
                ],
            }
            for row in changes
        ],
        "new_departments": [name for _id, name in batch.departments or []],
        "progress": {"done": done, "total": total},
        "uploaded_by": batch.uploaded_by,
        "created_at": moment(batch.created_at),
        "checked_at": moment(batch.checked_at),
        "committed_at": moment(batch.committed_at),
        "undone_at": moment(batch.undone_at),
    }


def allow_sheets(app: Flask) -> None:
    """Let the two upload addresses take files beyond the common limit, before anything reads the body."""

    def raise_limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
        del values
        if endpoint in UPLOADS:
            request.max_content_length = limits.MOST_BYTES + 1024 * 1024

    app.url_value_preprocessor(raise_limit)


def register(app: Flask) -> None:
    allow_sheets(app)
    app.appbuilder.add_api(RosterApi)  # type: ignore[attr-defined]
