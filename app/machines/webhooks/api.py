"""The API of webhooks and of the feed of events."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields

from app.base.errors import Malformed
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import MESSAGE, STRING, Moment, Shape, Words, group, list_of, many, one, with_fields
from app.machines.webhooks import queries, records, services
from app.machines.webhooks.forms import WebhookForm
from app.machines.webhooks.models import DELIVERED, FAILED, WAITING, Webhook, WebhookDelivery
from app.web.numbers import is_whole, row_id

_MOST, _USUAL = 1000, 100


class WebhookShape(Shape):
    """A webhook without its secret."""

    id = fields.Integer()
    url = fields.String()
    events = fields.List(fields.String())
    active = fields.Boolean()
    off_at = Moment(allow_none=True)  # when it was switched off after three days without an answer
    failing_since = Moment(allow_none=True)
    created_at = Moment()


class DeliveryShape(Shape):
    """One message to a webhook."""

    id = fields.Integer()
    message = fields.String(metadata={"description": "what stands in webhook-id"})
    type = fields.String()
    state = Words(WAITING, DELIVERED, FAILED)
    status = fields.Integer(allow_none=True, metadata={"description": "the HTTP status of the last answer"})
    error = fields.String(allow_none=True)
    attempts = fields.Integer()
    body = fields.String()
    created_at = Moment()
    done_at = Moment(allow_none=True)


class EventDataShape(Shape):
    """Which record moved from where to where; nobody is named."""

    workflow = fields.String()
    case_id = fields.Integer()
    state = fields.String()
    from_ = fields.String(data_key="from", allow_none=True)
    event = fields.String()
    graduate_id = fields.Integer(allow_none=True)
    external_id = fields.String(allow_none=True)
    version = fields.Integer()


class EventShape(Shape):
    """The body of a webhook, with the id of the message."""

    id = fields.String()
    type = fields.String()
    timestamp = fields.String(metadata={"format": "date-time"})
    data = fields.Nested(EventDataShape)


webhook_json, delivery_json = WebhookShape().dump, DeliveryShape().dump
_SECRET = with_fields(WebhookShape, ("secret",), secret={"type": ["string", "null"], "description": "told this once"})
_WHOLE = {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _USUAL}


class WebhooksApi(RoomApi):
    """Addresses of other systems that are told what happens."""

    resource_name = class_permission_name = services.VIEW
    permission_label = lazy_gettext("Webhooks")
    permissions = dict.fromkeys(("can_list", "can_show", "can_create", "can_edit", "can_delete"), services.KINDS)
    listing = Listing(ScopedInterface(Webhook), {"url": (Equal,)}, ("id", "url"), scoped=False)

    @expose("/", methods=["GET"])
    @describe(many(WebhookShape), listed=True)
    def get_list(self) -> Response:
        """The webhooks of my account, newest first."""
        actor = self.require("can_list")
        return self.many(self.listing.page(self.query(), actor, Webhook.user_id == actor.user_id), webhook_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(WebhookShape))
    def get(self, pk: int) -> Response:
        """One webhook of my account."""
        hook = queries.own_webhook(row_id(pk), actor=self.actor())
        self.require("can_show")
        return self.one(hook.id, webhook_json(hook))

    @expose("/", methods=["POST"])
    @describe(one(_SECRET), status=201, body=WebhookForm, untold=("secret",))
    def post(self) -> Response:
        """Set up a webhook; its secret is told this once."""
        hook = services.add_webhook(self.body(), actor=self.actor())
        return self.created(hook.id, {**webhook_json(hook), "secret": hook.secret})

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(WebhookShape), body=WebhookForm(partial=True))
    def put(self, pk: int) -> Response:
        """Change a webhook; what is absent stays. Switched on again it is sent what it has missed."""
        hook = services.change_webhook(row_id(pk), self.body(), actor=self.actor())
        return self.one(hook.id, webhook_json(hook))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Tell it nothing any more."""
        services.remove_webhook(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The webhook is deleted.")})

    @expose("/<int:pk>/test", methods=["POST"])
    @describe(one(DeliveryShape), status=202)
    def test(self, pk: int) -> Response:
        """Send a message of type webhook.test; how it was answered stands among the deliveries."""
        row = services.try_webhook(row_id(pk), actor=self.actor())
        return self.one(row.id, delivery_json(row), 202)


class WebhookDeliveriesApi(RoomApi):
    """What was sent to the webhooks of my account."""

    resource_name = class_permission_name = services.VIEW
    permissions = dict.fromkeys(("can_show", "can_edit"), services.KINDS)
    listing = Listing(
        ScopedInterface(WebhookDelivery), {"state": (Equal, OneOf), "type": (Equal, OneOf)}, ("id",), scoped=False
    )

    @expose("/<int:pk>/deliveries/", methods=["GET"])
    @describe(many(DeliveryShape), listed=True)
    def get_deliveries(self, pk: int) -> Response:
        """What was sent to a webhook and how it was answered, newest first; kept for 30 days."""
        actor = self.actor()
        hook = queries.own_webhook(row_id(pk), actor=actor)
        self.require("can_show")
        return self.many(self.listing.page(self.query(), actor, WebhookDelivery.webhook_id == hook.id), delivery_json)

    @expose("/<int:pk>/deliveries/<int:number>/redeliver", methods=["POST"])
    @describe(one(DeliveryShape), status=202)
    def redeliver(self, pk: int, number: int) -> Response:
        """Send a message again now, under the same id."""
        row = services.redeliver(row_id(pk), row_id(number), actor=self.actor())
        return self.one(row.id, delivery_json(row), 202)


class EventsApi(RoomApi):
    """The same messages for those who ask for them."""

    resource_name = class_permission_name = services.FEED
    permission_label = lazy_gettext("Feed of events")
    permissions = {"can_list": services.LISTENERS}

    @expose("", methods=["GET"])
    @describe(
        group(("result", "cursor"), result=list_of(EventShape), cursor=STRING),
        query={
            "after": {**STRING, "description": "the cursor of the last answer; absent: from the beginning"},
            "limit": _WHOLE,
        },
    )
    def get_list(self) -> Response:
        """What happened in my scope, oldest first, and the cursor from which to go on: none is lost, none comes twice."""
        actor = self.require("can_list")
        after, limit = _number("after", 0, 10**18 - 1), _number("limit", _USUAL, _MOST)
        services.publish_waiting()
        found, last = queries.feed(actor, after, max(limit, 1))
        return json_answer(200, {"result": [_told(event) for event in found], "cursor": str(last)})


def _told(event: Any) -> dict[str, Any]:
    return {"id": records.message_id(event), **records.event_json(event)}


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "") or str(default)
    if not is_whole(text, most=most):
        raise Malformed(_("%(name)s must be a whole number.", name=name))
    return int(text)
