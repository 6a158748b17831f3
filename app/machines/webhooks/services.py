"""Webhooks: set up, tried, sent again; and the telling of events to those who listen."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, or_, select, update

from app.access import audit
from app.access.actors import DEPARTMENT, EMPLOYER, OPERATOR, PROVINCE, SCHOOL, Actor, load_actor, require
from app.access.models import Account
from app.base import clock
from app.base.clock import moment
from app.base.database import session, transaction
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from app.codes.forms import read
from app.machines.webhooks import records
from app.machines.webhooks.forms import WebhookForm
from app.machines.webhooks.models import DELIVERED, WAITING, Webhook, WebhookDelivery
from app.machines.webhooks.queries import is_heard_by, own_webhook, readable_workflows, wants
from app.workflow import delivery, events, outbox
from app.workflow.models import Event, OutboxMessage

VIEW, FEED, KIND = "webhooks", "events", "webhook"
KINDS: Final = (OPERATOR, PROVINCE, SCHOOL, EMPLOYER)
LISTENERS: Final = (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT, EMPLOYER)
PATIENCE: Final = timedelta(days=3)
_MOST, _AT_ONCE = 20, 500


def add_webhook(sent: Mapping[str, Any], *, actor: Actor) -> Webhook:
    """Set up a webhook of the actor's own account. Raises Forbidden, Conflict `too_many_webhooks`, Invalid."""
    require(actor, "can_create", VIEW, kinds=KINDS)
    with transaction():
        if session.scalar(select(func.count()).where(Webhook.user_id == actor.user_id)) >= _MOST:
            raise Conflict(
                _("There are %(most)s webhooks already. Please delete one first.", most=_MOST), "too_many_webhooks"
            )
        clean = read(WebhookForm, sent)
        secret = records.SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        hook = Webhook(user_id=actor.user_id, url=clean["url"], events=_heard(clean["events"], actor), secret=secret)
        hook.active = clean.get("active", True)
        session.add(hook)
        session.flush()
        _note("webhook_made", hook, actor)
    return hook


def change_webhook(webhook_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Webhook:
    """Change a webhook; what is absent stays. Switched on again it is sent what it has missed.

    Raises NotFound, Forbidden, Invalid.
    """
    with transaction():
        hook = own_webhook(webhook_id, actor=actor, lock=True)
        require(actor, "can_edit", VIEW, kinds=KINDS)
        clean = read(WebhookForm(partial=True), sent)
        hook.url = clean.get("url", hook.url)
        if "events" in clean or actor.key:  # nor does a key lead elsewhere what it does not read
            hook.events = _heard(clean.get("events", hook.events), actor)
        back = clean.get("active") is True and not hook.active
        hook.active = clean.get("active", hook.active)
        hook.failures, hook.failing_since, hook.rests_until = 0, None, None
        hook.off_at = None if hook.active else hook.off_at
        if back:
            _send_missed(hook)
        session.flush()
        _note("webhook_changed", hook, actor)
    return hook


def remove_webhook(webhook_id: int, *, actor: Actor) -> None:
    """Tell it nothing any more. Raises NotFound, Forbidden."""
    with transaction():
        hook = own_webhook(webhook_id, actor=actor)
        require(actor, "can_delete", VIEW, kinds=KINDS)
        _note("webhook_removed", hook, actor)
        waiting = (OutboxMessage.kind == KIND, OutboxMessage.status != "done", _is_of(hook))
        session.execute(update(OutboxMessage).where(*waiting).values(status="done", done_at=clock.now()))
        session.delete(hook)
        session.flush()


def try_webhook(webhook_id: int, *, actor: Actor) -> WebhookDelivery:
    """Send a message that stands for nothing. Raises NotFound, Forbidden."""
    with transaction():
        hook = own_webhook(webhook_id, actor=actor)
        require(actor, "can_edit", VIEW, kinds=KINDS)
        told: dict[str, Any] = {"type": records.TEST, "timestamp": moment(clock.now()), "data": {}}
        return _post(hook, None, f"evt_test_{secrets.token_hex(8)}", told)


def redeliver(webhook_id: int, delivery_id: int, *, actor: Actor) -> WebhookDelivery:
    """Send a message again, under the same id, now. Raises NotFound, Forbidden, Conflict `webhook_off`."""
    with transaction():
        hook = own_webhook(webhook_id, actor=actor)
        require(actor, "can_edit", VIEW, kinds=KINDS)
        query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == hook.id)
        row = session.scalar(query.with_for_update(of=WebhookDelivery))
        if row is None:
            raise NotFound()
        if not hook.active and row.event_id is not None:
            raise Conflict(
                _("This webhook is switched off. Please switch it on; it is sent what it missed."), "webhook_off"
            )
        hook.failures, hook.rests_until = 0, None
        row.state = WAITING
        key = f"{KIND}:{row.id}"
        mine = or_(OutboxMessage.key == key, OutboxMessage.key.startswith(f"{key}:", autoescape=True))
        on_way = select(OutboxMessage.id).where(OutboxMessage.kind == KIND, OutboxMessage.status != "done", mine)
        found = session.scalars(on_way).all()
        if not found:
            _send(row, f"{key}:{secrets.token_hex(6)}")
    delivery.retry(found)
    return row


def publish(message: OutboxMessage) -> None:
    """Number an event and hand it to the webhooks that want it, in the running transaction; run by the delivery."""
    event = events.number(message)
    for hook in session.scalars(_hooks_near(event)):
        if wants(hook.events, event) and _is_for(hook, event):
            _post(hook, event, records.message_id(event), records.event_json(event))


def publish_waiting() -> int:
    """Number what no worker has come to yet, for who asks for events now; returns how many at most 500 there were."""
    waiting = select(OutboxMessage.id).where(OutboxMessage.kind == events.KIND, OutboxMessage.status == "queued")
    with transaction():
        found = session.scalars(waiting.order_by(OutboxMessage.id).limit(_AT_ONCE)).all()
    return sum(delivery.deliver(number) for number in found)


def recovered(hook: Webhook) -> None:
    """It answers again: whatever waits for it goes out now."""
    hook.failures, hook.failing_since, hook.rests_until = 0, None, None
    waiting = (OutboxMessage.kind == KIND, OutboxMessage.status == "queued", _is_of(hook))
    session.execute(update(OutboxMessage).where(*waiting).values(next_attempt_at=clock.now()))


def switch_off(hook: Webhook) -> None:
    """It has not answered for three days: nothing is sent any more, and its owner is told."""
    hook.active, hook.off_at = False, clock.now()
    owner = load_actor(hook.user_id)
    payload = {
        "template": "webhook_off",
        "reader": owner.kind,
        "user_id": hook.user_id,
        "facts": {"url": hook.url, "date": time_text(clock.now())},
    }
    outbox.post("personal", payload, key=f"webhook_off:{hook.id}:{secrets.token_hex(6)}")
    _note("webhook_off", hook, owner)


def _heard(patterns: Sequence[str], actor: Actor) -> list[str]:
    """The patterns, `*` written out; raises Invalid for workflows that the actor does not read."""
    own = readable_workflows(actor)
    wanted = [one for pattern in patterns for one in ([f"{name}.*" for name in own] if pattern == "*" else [pattern])]
    strange = [one for one in wanted if one.partition(".")[0] not in own]
    if strange or not wanted:
        names = strange or list(patterns)
        raise Invalid({"events": [_("Your account does not read “%(name)s”.", name=one[:64]) for one in names]})
    return list(dict.fromkeys(wanted))


def _hooks_near(event: Event) -> Select[tuple[Webhook]]:
    """The webhooks of accounts of the event's place: few of many, whose scope is then looked at."""
    places = {name: getattr(event, f"{name}_id") for name in ("province", "school", "employer")}
    near = [getattr(Account, f"{name}_id") == value for name, value in places.items() if value is not None]
    query = select(Webhook).join(Account, Account.user_id == Webhook.user_id)
    return query.where(or_(Account.kind == OPERATOR, *near)).order_by(Webhook.id)


def _is_for(hook: Webhook, event: Event) -> bool:
    """Whether the event lies in the scope that the owner has today."""
    try:
        owner = load_actor(hook.user_id)
    except (Unauthenticated, Forbidden):
        return False
    return session.scalar(select(Event.id).where(Event.id == event.id, is_heard_by(owner))) is not None


def _post(hook: Webhook, event: Event | None, message: str, told: dict[str, Any]) -> WebhookDelivery:
    """Write down a message; while the webhook is switched off it waits there until it is on again."""
    row = WebhookDelivery(
        webhook_id=hook.id,
        event_id=event.id if event else None,
        message=message,
        type=told["type"],
        body=records.as_body(told),
    )
    session.add(row)
    session.flush()
    if hook.active or event is None:
        _send(row, f"{KIND}:{row.id}")
    return row


def _send(row: WebhookDelivery, key: str) -> None:
    """On its way by the outbox; messages about one record go out one after the other."""
    data = json.loads(row.body)["data"]
    place = f"{data['workflow']}:{data['case_id']}" if data else f"test:{row.id}"
    outbox.post(KIND, {"delivery_id": row.id}, key=key, order_key=f"{KIND}:{row.webhook_id}:{place}")


def _send_missed(hook: Webhook) -> None:
    """Everything that has not arrived, oldest first, in the place of what may still be on its way."""
    on_way = (OutboxMessage.kind == KIND, OutboxMessage.status != "done", _is_of(hook))
    session.execute(update(OutboxMessage).where(*on_way).values(status="done", done_at=clock.now()))
    missed = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id, WebhookDelivery.state != DELIVERED)
    for row in session.scalars(missed.order_by(WebhookDelivery.id)):
        row.state, row.attempts = WAITING, 0
        _send(row, f"{KIND}:{row.id}:{secrets.token_hex(6)}")


def _is_of(hook: Webhook) -> Any:
    return OutboxMessage.order_key.startswith(f"{KIND}:{hook.id}:", autoescape=True)


def _note(action: str, hook: Webhook, actor: Actor) -> None:
    detail = {"url": hook.url, "events": hook.events, "active": hook.active}
    audit.record(action, actor=actor, subject=f"{VIEW} {hook.id}", detail=detail)
