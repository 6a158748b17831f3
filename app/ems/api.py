"""The queue to the employment system in the API, for operators (R4.9)."""

from __future__ import annotations

from flask import Response
from marshmallow import fields

from app.access.actors import OPERATOR
from app.codes.students import AboutStudent
from app.ems import queue
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.shapes import Shape, Words, many, one
from app.web.numbers import row_id
from app.workflow.models import OutboxMessage

LISTING = Listing(
    ScopedInterface(OutboxMessage),
    search={"student": (AboutStudent,), "status": None, "workflow": None, "case_id": None, "created_at": None},
    order=("id", "next_attempt_at", "attempts"),
)


class SyncShape(Shape):
    """A message with its status and, in plain words, what went wrong."""

    id = fields.Integer()
    status = Words("queued", "done", "failed")
    label = fields.String()
    content = fields.String()
    workflow = fields.String(allow_none=True)
    case_id = fields.Integer(allow_none=True)
    graduate_id = fields.Integer(allow_none=True)
    destination = fields.Dict(allow_none=True)
    record = fields.String(allow_none=True)
    attempts = fields.Integer()
    error = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)
    created_at = fields.DateTime()
    next_attempt_at = fields.DateTime(allow_none=True)
    done_at = fields.DateTime(allow_none=True)


class SyncApi(RoomApi):
    """What goes to the employment management system."""

    resource_name = "sync"
    class_permission_name = queue.VIEW
    permissions = {"can_list": (OPERATOR,), "can_retry": (OPERATOR,)}
    listing = LISTING

    @expose("/", methods=["GET"])
    @describe(many(SyncShape), listed=True)
    def list(self) -> Response:
        """The queue to the employment management system, newest first unless `q` says otherwise."""
        actor = self.require("can_list")
        page = LISTING.page(self.query(), actor, queue.is_sync())
        return self.many(page, queue.sync_json)

    @expose("/<int:pk>/retry", methods=["POST"])
    @describe(one(SyncShape))
    def retry(self, pk: int) -> Response:
        """Send a message again now."""
        message = queue.retry_sync(row_id(pk), actor=self.require("can_retry"))
        return self.one(message.id, queue.sync_json(message))
