"""exchange in the API: files for employment systems without an interface, and their answers."""

from __future__ import annotations

import io

from flask import Response, send_file
from marshmallow import fields

from app.base.forms import read
from app.base.workbook import too_large
from app.codes.forms import FormSchema
from app.exchange.models import KINDS, ExchangeFile
from app.exchange.queries import file_for
from app.exchange.services import MODULE, READERS, VIEW, answers, files
from app.exchange.sheets import FORMATS, MOST_BYTES
from app.exchange.words import file_json
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.shapes import FILE, JOB, File, Moment, Shape, Words, many, one
from app.web import payload
from app.web.numbers import row_id
from app.web.sheets import MIMETYPES
from app.workflow.models import Job


class ExchangeForm(FormSchema):
    """What the file shall hold; operators name the province."""

    kind = Words(*KINDS, required=True)
    format = Words(*FORMATS, load_default=FORMATS[0])
    province = fields.String(load_default="")


class ExchangeFileShape(Shape):
    """A file, and how many of its messages have been taken, refused, not answered yet, given up."""

    id = fields.Integer()
    name = fields.String()
    province = fields.String()
    kind = Words(*KINDS)
    format = Words(*FORMATS)
    rows = fields.Integer()
    taken = fields.Integer()
    refused = fields.Integer()
    waiting = fields.Integer()
    given_up = fields.Integer()
    made_by = fields.String()
    made_at = Moment()
    fetched_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)


class ExchangeApi(RoomApi):
    """Files for an employment system that has no interface, and its answers."""

    resource_name = class_permission_name = VIEW
    module = MODULE
    permissions = dict.fromkeys(("can_list", "can_write", "can_answer"), READERS)
    listing = Listing(ScopedInterface(ExchangeFile), {"kind": None, "made_at": None}, ("id", "made_at"))

    @expose("/", methods=["GET"])
    @describe(many(ExchangeFileShape), listed=True)
    def get_list(self) -> Response:
        """The files of my province, newest first unless `q` says otherwise."""
        return self.many(self.listing.page(self.query(), self.require("can_list")), file_json)

    @expose("/", methods=["POST"])
    @describe(one(ExchangeFileShape), status=201, body=ExchangeForm, also={202: JOB})
    def post(self) -> Response:
        """Write what waits to be told the employment system into a file; 202 for much: a worker writes several."""
        actor, told = self.require("can_write"), read(ExchangeForm, self.body())
        file = files.write_file(told["kind"], told["format"], actor=actor, province=told["province"])
        if isinstance(file, Job):
            return json_answer(202, {"job_id": file.id})
        return self.created(file.id, file_json(file_for(file.id, actor)))

    @expose("/<int:pk>/file", methods=["GET"])
    @describe(File(*MIMETYPES))
    def file(self, pk: int) -> Response:
        """The file, until it is answered or given up."""
        return file_answer(*files.read_file(row_id(pk), actor=self.require("can_write")))

    @expose("/<int:pk>/answers", methods=["POST"])
    @describe(one(ExchangeFileShape), upload={"file": FILE}, also={202: JOB})
    def answers(self, pk: int) -> Response:
        """Take the answers: the same file with its columns of result and reason filled in; 202 for a large one."""
        actor, number = self.require("can_answer"), row_id(pk)
        told = answers.take_answers(number, uploaded_answers(), actor=actor)
        if isinstance(told, Job):
            return json_answer(202, {"job_id": told.id})
        return self.one(number, file_json(file_for(number, actor)))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(one(ExchangeFileShape))
    def delete(self, pk: int) -> Response:
        """Wait no longer for its answers: what had none goes with the next file."""
        actor, number = self.require("can_answer"), row_id(pk)
        answers.give_up_file(number, actor=actor)
        return self.one(number, file_json(file_for(number, actor)))


def uploaded_answers() -> bytes:
    """The uploaded file."""
    return payload.uploaded(most=MOST_BYTES, too_large=too_large(MOST_BYTES))[0]


def file_answer(name: str, content: bytes) -> Response:
    """The file as a download."""
    mimetype = dict(zip(FORMATS, MIMETYPES, strict=True))[name.rpartition(".")[2]]
    return send_file(io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)
