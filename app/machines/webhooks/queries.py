"""Who hears what: events in the scope of an account, of workflows that it may read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, select

from app.access.actors import Actor
from app.access.api_keys.guards import FOLLOW
from app.access.scope import in_scope
from app.base.database import session, transaction
from app.base.errors import NotFound
from app.machines.webhooks.models import Webhook, WebhookDelivery
from app.machines.webhooks.records import event_type
from app.workflow import events, registry
from app.workflow.models import Event


def readable_workflows(actor: Actor) -> list[str]:
    """Of which workflows this account hears: those whose lists it may read today."""
    return [
        one.name
        for one in registry.all_workflows()
        if actor.reads(one.module) and (actor.may("can_list", one.name) or actor.may(FOLLOW, one.name))
    ]


def is_heard_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that an event is for this account."""
    return and_(Event.workflow.in_(readable_workflows(actor)), in_scope(Event, actor))


def feed(actor: Actor, after: int, limit: int) -> tuple[list[Event], int]:
    """The next events behind a number, and the number to go on from: nothing is missed, nothing comes twice."""
    with transaction():
        last = events.latest()
        query = select(Event).where(Event.id > after, Event.id <= last, is_heard_by(actor))
        found = list(session.scalars(query.order_by(Event.id).limit(limit)))
    if len(found) == limit:
        last = found[-1].id
    return found, max(last, after)


def wants(patterns: Sequence[str], event: Event) -> bool:
    """Whether one of the patterns means this event."""
    return event_type(event) in patterns or f"{event.workflow}.*" in patterns


def own_webhooks(actor: Actor) -> list[Webhook]:
    """The webhooks of the actor's own account, newest first."""
    return list(session.scalars(select(Webhook).where(Webhook.user_id == actor.user_id).order_by(Webhook.id.desc())))


def own_webhook(webhook_id: int, *, actor: Actor, lock: bool = False) -> Webhook:
    """A webhook of the actor's own account; raises NotFound."""
    query = select(Webhook).where(Webhook.id == webhook_id, Webhook.user_id == actor.user_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound()
    return found


def deliveries_of(hook: Webhook, *, limit: int, before: int | None = None) -> list[WebhookDelivery]:
    """What was sent, newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id)
    query = query.where(WebhookDelivery.id < before) if before else query
    return list(session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit)))
