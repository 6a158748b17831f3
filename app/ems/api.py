"""The queue to the employment system in the API, for operators (R4.9)."""

from __future__ import annotations

from flask import Flask, Response

from app.access.actors import OPERATOR
from app.ems import queue
from app.fab.api import RoomApi, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.web.numbers import row_id
from app.workflow.models import OutboxMessage

LISTING = Listing(
    ScopedInterface(OutboxMessage),
    search={"status": None, "workflow": None, "case_id": None, "created_at": None},
    order=("id", "next_attempt_at", "attempts"),
)


class SyncApi(RoomApi):
    """What goes to the employment management system."""

    resource_name = "sync"
    class_permission_name = queue.VIEW
    permissions = {"can_list": (OPERATOR,), "can_retry": (OPERATOR,)}

    @expose("/", methods=["GET"])
    def list(self) -> Response:
        """The queue, newest first unless `q` says otherwise
        ---
        get:
          summary: The queue to the employment management system, newest first
          parameters:
          - in: query
            name: q
            content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}
          responses:
            200:
              description: Messages with their status and, in plain words, what went wrong
              content: {application/json: {schema: {type: object}}}
        """
        actor = self.require("can_list")
        count, rows = LISTING.page(self.query(), actor, queue.is_sync())
        return self.many(count, rows, queue.sync_json)

    @expose("/<pk>/retry", methods=["POST"])
    def retry(self, pk: str) -> Response:
        """Try a message again now
        ---
        post:
          summary: Send a message again now
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The message, waiting again
              content: {application/json: {schema: {type: object}}}
            409:
              description: It has already been delivered
        """
        message = queue.retry_sync(row_id(pk), actor=self.require("can_retry"))
        return self.one(message.id, queue.sync_json(message))


def register(app: Flask) -> None:
    app.appbuilder.add_api(SyncApi)  # type: ignore[attr-defined]
