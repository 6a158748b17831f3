"""The inbox in the API: notifications/ and notifications/{id}/read."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from sqlalchemy.orm import selectinload

from app.access.actors import KINDS
from app.base.clock import moment
from app.fab.api import RoomApi, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.notices import services
from app.notices.models import SENT, Notification
from app.web.numbers import row_id

LISTING = Listing(
    ScopedInterface(Notification, eager=lambda: (selectinload(Notification.deliveries),)),
    search={"event": None, "workflow": None, "case_id": None, "created_at": None, "read_at": None},
    order=("id", "created_at"),
    scoped=False,  # an inbox is its owner's alone: the condition below
)


def notification_json(notice: Notification) -> dict[str, Any]:
    """One notice of the caller's inbox; the site is the channel that it always came by."""
    site = {"channel": "site", "status": SENT, "at": moment(notice.created_at)}
    outside = [{"channel": row.channel, "status": row.status, "at": moment(row.at)} for row in notice.deliveries]
    return {
        "id": notice.id,
        "event": notice.event,
        "title": notice.title,
        "text": notice.text,
        "channels": [site, *outside],
        "workflow": notice.workflow,
        "case_id": notice.case_id,
        "created_at": moment(notice.created_at),
        "read_at": moment(notice.read_at),
    }


class NotificationsApi(RoomApi):
    """The caller's own inbox."""

    resource_name = class_permission_name = "notifications"
    permissions = {"can_list": KINDS, "can_read": KINDS}

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """My notices.
        ---
        get:
          summary: My notices, newest first unless `q` says otherwise
          parameters:
            - {in: query, name: q, content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}}
          responses:
            200:
              description: One page of the inbox
              content:
                application/json:
                  schema:
                    type: object
                    required: [count, ids, result]
                    properties:
                      count: {type: integer}
                      ids: {type: array, items: {type: integer}}
                      result: {type: array, items: {$ref: '#/components/schemas/Notification'}}
        """
        actor = self.require("can_list")
        count, rows = LISTING.page(self.query(), actor, Notification.user_id == actor.user_id)
        return self.many(count, rows, notification_json)

    @expose("/<int:pk>/read", methods=["POST"])
    def read(self, pk: int) -> Response:
        """Mark a notice as read.
        ---
        post:
          summary: Mark one of my notices as read; again changes nothing
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The notice
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/Notification'}
        """
        notice = services.mark_read(row_id(pk), actor=self.require("can_read"))
        return self.one(notice.id, notification_json(LISTING.interface.rows([notice.id])[0]))

    def add_apispec_components(self, api_spec: Any) -> None:
        """The shape of a notice beside the shared schemas."""
        super().add_apispec_components(api_spec)
        api_spec.components.schema("Notification", NOTIFICATION)


_MOMENT = {"type": "string", "format": "date-time"}
NOTIFICATION: dict[str, Any] = {
    "type": "object",
    "required": ["id", "event", "text", "channels", "workflow", "case_id", "read_at"],
    "properties": {
        "id": {"type": "integer"},
        "event": {"type": "string"},
        "title": {"type": "string"},
        "text": {"type": "string"},
        "channels": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "channel": {"type": "string"},
                    "status": {"type": "string", "enum": ["queued", "sent", "failed"]},
                    "at": _MOMENT,
                },
            },
        },
        "workflow": {"type": "string", "nullable": True},
        "case_id": {"type": "integer", "nullable": True},
        "created_at": _MOMENT,
        "read_at": {**_MOMENT, "nullable": True},
    },
}


def register(app: Flask) -> None:
    app.appbuilder.add_api(NotificationsApi)  # type: ignore[attr-defined]
