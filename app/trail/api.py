"""The API of the audit trail: for those who watch over a place, and for graduates about their own records."""

from __future__ import annotations

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import GRADUATE, KINDS, OPERATOR, PROVINCE, SCHOOL
from app.access.audit import AuditLine
from app.base.errors import Malformed
from app.base.wording import listed
from app.documents.services import PDF
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import INTEGER, JOB, OBJECT, File, Moment, Shape, Words, enum, group, list_of, many
from app.trail import own
from app.trail.pages import evidence_answer, paper_answer
from app.trail.queries import VIEW, published_days, published_file, readings_json, record_of
from app.web.gate import open_to_all
from app.web.jobs import later
from app.web.numbers import row_id

open_to_all("ChainApi.get_list", "ChainApi.get")


class AuditShape(Shape):
    """One line of the trail."""

    at = Moment()
    actor = fields.String(metadata={"description": "user name, or what the program knows of a stranger"})
    role = fields.String(allow_none=True, metadata={"description": ", ".join((*KINDS, "stranger", "system"))})
    action = fields.String()
    subject = fields.String(allow_none=True)
    detail = fields.Dict()
    source = fields.String(allow_none=True, metadata={"description": "the address from which it was done"})


audit_json = AuditShape().dump


class AuditApi(RoomApi):
    """The audit trail: operators read all of it, provinces and schools that of their own place."""

    resource_name = class_permission_name = VIEW
    permissions = {"can_list": (OPERATOR, PROVINCE, SCHOOL)}
    listing = Listing(
        ScopedInterface(AuditLine),
        {
            "at": None,
            "action": (Equal, OneOf),
            "actor": (Equal, OneOf),
            "role": (Equal, OneOf),
            "subject": (Equal,),
            "source": (Equal,),
            "graduate_id": (Equal,),
            "school_id": (Equal, OneOf),
            "province_id": (Equal, OneOf),
        },
        ("id", "at"),
    )

    @expose("/", methods=["GET"])
    @describe(many(AuditShape), listed=True)
    def get_list(self) -> Response:
        """What was done in my place, newest first: log-ins and failures, reads, downloads, exports, changes."""
        actor = self.require("can_list")
        page = self.listing.page(self.query(), actor)
        return self.many(page, audit_json)


class HeadShape(Shape):
    """The sealed heads of a day."""

    day = fields.String()
    digest = fields.String(allow_none=True, metadata={"description": "SHA-256 of the file"})
    url = fields.String()


class ChainApi(RoomApi):
    """The sealed ends of all histories, day by day; open to everybody, so that anybody can keep them."""

    resource_name = class_permission_name = "chain"
    words = {"day": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}}

    @expose("/heads", methods=["GET"])
    @describe(group(("count", "result"), count=INTEGER, result=list_of(HeadShape)))
    def get_list(self) -> Response:
        """The days of which heads are sealed, newest first."""
        found = [
            {"day": day, "digest": digest, "url": url_for("ChainApi.get", day=day, _external=True)}
            for day, digest in published_days()
        ]
        return json_answer(200, {"count": len(found), "result": found})

    @expose("/heads/<string:day>", methods=["GET"])
    @describe(File("application/json"), errors=(404,))
    def get(self, day: str) -> Response:
        """The file of a day, byte for byte as it was sealed: statement, seal, signature, certificate."""
        return Response(published_file(day), mimetype="application/json")


class ReadingShape(Shape):
    """One time that somebody saw or took away something of mine."""

    at = Moment()
    who = fields.String(metadata={"description": "the unit, or place and post; never a person's name"})
    role = Words(*KINDS)
    what = fields.String()


class ReadersApi(RoomApi):
    """Who saw my records; for graduates."""

    resource_name = "me/readers"
    class_permission_name = "readers"
    permission_label = _("Who saw my information")
    permissions = {"can_list": (GRADUATE,)}

    @expose("", methods=["GET"])
    @describe(group(("count", "result"), count=INTEGER, result=list_of(ReadingShape)))
    def get_list(self) -> Response:
        """Who looked at or downloaded my records, newest first."""
        found = readings_json(self.require("can_list"))
        return json_answer(200, {"count": len(found), "result": found})


class ActShape(Shape):
    """One thing that was done in my name or with a record of mine."""

    at = Moment()
    workflow = fields.String(metadata={"description": "or `me` for the confirmation of my information"})
    case_id = fields.Integer(allow_none=True)
    event = fields.String()
    actor = fields.String()
    role = fields.String(metadata={"description": ", ".join((*KINDS, "system"))})
    proof = fields.Dict(allow_none=True, metadata={"description": "what showed that it was the person"})


act_json = ActShape().dump


class RecordApi(RoomApi):
    """What was done in my name; for graduates."""

    resource_name = "me/record"
    class_permission_name = "record"
    permission_label = _("What was done in my name")
    permissions = {"can_list": (GRADUATE,)}

    @expose("", methods=["GET"])
    @describe(group(("count", "result"), count=INTEGER, result=list_of(ActShape)))
    def get_list(self) -> Response:
        """Every step of every record of mine, newest first, with what proved who did it."""
        found = [act_json(one) for one in record_of(self.require("can_list"))]
        return json_answer(200, {"count": len(found), "result": found})


_FORMAT = {"format": enum(own.FORMATS, default=own.FORMATS[0])}
_EVIDENCE = {"format": enum(("pdf", "json"), default="pdf")}


class EvidenceApi(RoomApi):
    """The evidence report (证据报告) of a record; for whoever may see the record."""

    resource_name = class_permission_name = "evidence"
    permission_label = _("Evidence report")
    permissions = {"can_download": KINDS}

    @expose("/<string:workflow>/<int:pk>", methods=["GET"])
    @describe(File(PDF, "application/x-ndjson"), query=_EVIDENCE, also={202: JOB}, errors=(404,))
    def get(self, workflow: str, pk: int) -> ResponseReturnValue:
        """The sealed report, made by a worker: a job, whose sheet is the file. `format=json`: its links, at once.

        Each line of these is what docs/verify_history.py needs to make a link of the record's history again.
        """
        self.require("can_download")
        return evidence_answer(workflow, row_id(pk))


class DataApi(RoomApi):
    """All that is kept of me; for graduates and units' users."""

    resource_name = "me/data"
    class_permission_name = "me_data"
    permission_label = _("All data about me")
    permissions = {"can_show": own.KINDS}

    @expose("", methods=["GET"])
    @describe(group(("result",), result=OBJECT), query=_FORMAT, also={202: JOB})
    def get(self) -> Response:
        """Account, roster rows, records with their histories, notices, and who looked: in full, to keep or take away.

        With `format=pdf` a worker makes a paper of it: a job, whose sheet is the file.
        """
        actor, kind = self.require("can_show"), request.args.get("format", "json")
        if kind not in own.FORMATS:
            raise Malformed(_("Downloads are made as: %(names)s.", names=listed(own.FORMATS)))
        if kind == "pdf":
            return later() or paper_answer()
        return json_answer(200, {"result": own.data_of(actor)})
