"""The inbox in the API: notifications/ and notifications/{id}/read."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields
from sqlalchemy.orm import selectinload

from app.access.actors import KINDS
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.shapes import Moment, Shape, Words, many, one
from app.notices import services
from app.notices.models import SENT, Notification
from app.web.numbers import row_id

LISTING = Listing(
    ScopedInterface(Notification, eager=lambda: (selectinload(Notification.deliveries),)),
    search={"event": None, "workflow": None, "case_id": None, "created_at": None, "read_at": None},
    order=("id", "created_at"),
    scoped=False,  # an inbox is its owner's alone: the condition below
)


class ChannelShape(Shape):
    """By which way a notice went."""

    channel = fields.String()
    status = Words("queued", "sent", "failed")
    at = Moment()


class NotificationShape(Shape):
    """One notice of the caller's inbox."""

    id = fields.Integer()
    event = fields.String()
    title = fields.String()
    text = fields.String()
    channels = fields.Nested(ChannelShape(many=True), attribute="deliveries")
    workflow = fields.String(allow_none=True)
    case_id = fields.Integer(allow_none=True)
    created_at = Moment()
    read_at = Moment(allow_none=True)


_dump = NotificationShape().dump


def notification_json(notice: Notification) -> dict[str, Any]:
    """One notice; the site is the channel that it always came by."""
    told: dict[str, Any] = _dump(notice)
    site = {"channel": "site", "status": SENT, "at": told["created_at"]}
    return {**told, "channels": [site, *told["channels"]]}


class NotificationsApi(RoomApi):
    """The caller's own inbox."""

    resource_name = class_permission_name = "notifications"
    permissions = {"can_list": KINDS, "can_read": KINDS}
    listing = LISTING

    @expose("/", methods=["GET"])
    @describe(many(NotificationShape), listed=True)
    def get_list(self) -> Response:
        """My notices, newest first unless `q` says otherwise."""
        actor = self.require("can_list")
        page = LISTING.page(self.query(), actor, Notification.user_id == actor.user_id)
        return self.many(page, notification_json)

    @expose("/<int:pk>/read", methods=["POST"])
    @describe(one(NotificationShape))
    def read(self, pk: int) -> Response:
        """Mark one of my notices as read; again changes nothing."""
        notice = services.mark_read(row_id(pk), actor=self.require("can_read"))
        return self.one(notice.id, notification_json(LISTING.interface.rows([notice.id])[0]))
