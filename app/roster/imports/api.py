"""The API of the roster: upload a sheet, look at its check, commit, undo; remove and restore one student."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask, Response, request, send_file
from flask_babel import gettext as _
from marshmallow import fields

from app.access.actors import SCHOOL
from app.base.database import session
from app.base.forms import read
from app.base.workbook import too_large
from app.codes.forms import FormSchema, Text
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import BOOLEAN, FILE, INTEGER, SHEET, Moment, Shape, Told, Words, enum, group, list_of, many, one
from app.roster.imports import columns
from app.roster.imports.columns import HEADING_OF
from app.roster.imports.columns import SHEET as SHEET_FIELDS
from app.roster.imports.queries import batch_visible_to, dry_rows, progress_of
from app.roster.imports.services.batches import receive_sheet, require_import
from app.roster.imports.services.students import MOST
from app.roster.imports.services.unmatched import CREATE, QUEUE
from app.roster.imports.services.writing import commit_batch, receive_students, undo_batch
from app.roster.imports.sheets import template_sheet
from app.roster.models import BATCH_STATES, CHANGED, RosterBatch
from app.roster.services.graduates import remove_from_roster, restore_to_roster
from app.schools.models import School
from app.web import payload
from app.web.numbers import row_id
from app.web.sheets import MIMETYPE

LONGEST_NAME = 64
UPLOADS = {"RosterApi.upload", "RosterImportView.upload"}


class ProblemShape(Shape):
    """What is wrong, and where in the sheet."""

    row = fields.Integer(allow_none=True)
    column = fields.String(allow_none=True)
    message = fields.String()


class DifferenceShape(Shape):
    """A field that would change."""

    column = fields.String()
    field = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class ChangedRowShape(Shape):
    """A student on the roster whom the batch would change."""

    row = fields.Integer()
    exam_number = fields.String()
    differences = fields.List(fields.Nested(DifferenceShape))


class ProgressShape(Shape):
    """How many rows have been checked."""

    done = fields.Integer()
    total = fields.Integer()


class BatchLineShape(Shape):
    """A batch in the list of batches: what came, and what became of it."""

    id = fields.Integer()
    state = Words(*BATCH_STATES)
    file = fields.String(attribute="file_name")
    rows = fields.Integer()
    new = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    error_count = fields.Integer()
    wrong_rows = fields.Integer()
    uploaded_by = fields.String()
    created_at = Moment()
    checked_at = Moment(allow_none=True)
    committed_at = Moment(allow_none=True)
    undone_at = Moment(allow_none=True)


class BatchShape(BatchLineShape):
    """The same with what is wrong or odd, and what it would change."""

    errors = fields.List(fields.Nested(ProblemShape))
    warnings = fields.List(fields.Nested(ProblemShape))
    changes = fields.List(fields.Nested(ChangedRowShape))
    new_departments = fields.List(fields.String())
    progress = fields.Nested(ProgressShape)


class CommitForm(FormSchema):
    """Which of the new names wait to be assigned to a department."""

    queue = fields.List(Text(LONGEST_NAME), load_default=list, metadata={"maxItems": columns.MOST_ROWS})


class RosteredShape(Shape):
    """A graduate who was removed or restored."""

    id = fields.Integer()
    name = fields.String()
    invalid_since = Moment(allow_none=True)


_line = BatchLineShape().dump
_CELLS: dict[str, Told] = {
    field.name: {"type": ["string", "integer", "null"], "title": HEADING_OF[field.name]} for field in SHEET_FIELDS
}
_STUDENTS = group(
    ("students",),
    students=list_of(
        group((), **_CELLS),
        minItems=1,
        maxItems=MOST,
    ),
    dry_run={**BOOLEAN, "default": False},
    unmatched=enum((CREATE, QUEUE), default=CREATE),
)
_batch = BatchShape(exclude=("changes", "new_departments", "progress")).dump
graduate_json = RosteredShape().dump


class RosterApi(RoomApi):
    """The student list as schools write it."""

    resource_name = class_permission_name = "roster"
    listing = Listing(
        ScopedInterface(RosterBatch), {"state": (Equal, OneOf), "created_at": None}, ("id", "created_at", "state")
    )
    permissions = {"can_import": (SCHOOL,), "can_remove": (SCHOOL,), "can_restore": (SCHOOL,)}

    @expose("/template", methods=["GET"])
    @describe(SHEET)
    def template(self) -> Response:
        """The template with its fixed headings, notes and code lists."""
        require_import(self.actor())
        return template_answer(self.actor().school_id)

    @expose("/import", methods=["POST"])
    @describe(group(("batch_id",), batch_id=INTEGER), status=202, upload={"file": FILE})
    def upload(self) -> Response:
        """Upload an xlsx; a worker checks it, nothing is written before the commit."""
        actor = self.actor()
        require_import(actor)
        content, name = uploaded_file()
        return json_answer(202, {"batch_id": receive_sheet(content, name, actor=actor).id})

    @expose("/students", methods=["POST"])
    @describe(group(("batch_id",), batch_id=INTEGER), status=202, body=_STUDENTS)
    def students(self) -> Response:
        """Students as JSON into a batch like that of a sheet, known ones by their exam number.

        A worker checks all of them. A batch without errors is committed at once, with dry_run it stays ready. Fields
        are those of the template, by their names or headings. A name that means no department becomes one, or waits to
        be assigned with `unmatched` "queue".
        """
        return json_answer(202, {"batch_id": receive_students(self.body(), actor=self.actor()).id})

    @expose("/batches/", methods=["GET"])
    @describe(many(BatchLineShape), listed=True)
    def get_list(self) -> Response:
        """The batches of my school, newest first; what is wrong with one stands in the batch itself."""
        actor = self.actor()
        require_import(actor)
        return self.many(self.listing.page(self.query(), actor), _line)

    @expose("/batches/<int:pk>", methods=["GET"])
    @describe(one(BatchShape))
    def batch(self, pk: int) -> Response:
        """A batch; a refused one lists what is wrong by row and column, a ready one what it would change."""
        found = batch_visible_to(self.actor(), row_id(pk))
        require_import(self.actor())
        return self.one(pk, batch_json(found))

    @expose("/batches/<int:pk>/commit", methods=["POST"])
    @describe(one(BatchShape), body=CommitForm)
    def commit(self, pk: int) -> Response:
        """Write a ready batch to the roster, all of it or nothing; names in `queue` wait to be assigned to a department."""
        queue = read(CommitForm, self.body())["queue"]
        return self.one(pk, batch_json(commit_batch(row_id(pk), actor=self.actor(), queue=queue)))

    @expose("/batches/<int:pk>/undo", methods=["POST"])
    @describe(one(BatchShape))
    def undo(self, pk: int) -> Response:
        """Erase the new students and restore the changed ones, while nothing has been built on them."""
        return self.one(pk, batch_json(undo_batch(row_id(pk), actor=self.actor())))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(one(RosteredShape))
    def remove(self, pk: int) -> Response:
        """Remove a graduate from the roster; everything of the graduate becomes invalid and is kept (R4.7)."""
        graduate = remove_from_roster(row_id(pk), actor=self.actor())
        return self.one(pk, graduate_json(graduate))

    @expose("/<int:pk>/restore", methods=["POST"])
    @describe(one(RosteredShape))
    def restore(self, pk: int) -> Response:
        """Upload the kept row again and restore the graduate with all states at once (R4.8)."""
        graduate = restore_to_roster(row_id(pk), actor=self.actor())
        return self.one(pk, graduate_json(graduate))


def uploaded_file() -> tuple[bytes, str]:
    """Content and name of the uploaded sheet; raises UnsupportedMedia, Invalid, TooLarge."""
    return payload.uploaded(most=columns.MOST_BYTES, too_large=too_large(columns.MOST_BYTES))


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
        **_batch(batch),
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
    }


def register(app: Flask) -> None:
    """Let the two upload addresses take files beyond the common limit, before anything reads the body."""

    def raise_limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
        del values
        if endpoint in UPLOADS:
            request.max_content_length = columns.MOST_BYTES + 1024 * 1024

    app.url_value_preprocessor(raise_limit)
