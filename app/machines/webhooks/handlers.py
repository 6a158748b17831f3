"""Delivery to webhooks: at least once, one id a message, in order for each record, with patience for three days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from app.base import clock
from app.base.database import session
from app.base.failures import Failure
from app.base.outward import Outward
from app.machines.webhooks import records, services
from app.machines.webhooks.guards import resolver
from app.machines.webhooks.models import DELIVERED, FAILED, Webhook, WebhookDelivery
from app.workflow import delivery, events
from app.workflow.models import OutboxMessage

_SECONDS, _LONGEST_ANSWER = 10.0, 64 * 1024
_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)
_MOST_TRIES = 85  # of one message that alone is refused: as many as three days hold


class Unwelcome(Failure):
    """The receiver answered, but not with a 2xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered {status}", code="unwelcome", detail=f"HTTP {status}")
        self.status = status


class Resting(Failure):
    """Not tried: the receiver did not answer a moment ago."""


def note_failure(message: OutboxMessage, error: Exception) -> None:
    """Write down what it was answered, let the receiver rest a while, and after three days switch it off."""
    row = session.get(WebhookDelivery, message.payload["delivery_id"])
    if row is None:
        return
    hook, now = row.webhook, clock.now()
    if isinstance(error, Resting):
        message.status, message.attempts = "queued", max(message.attempts - 1, 0)
        message.next_attempt_at = hook.rests_until or now
        return
    row.attempts, row.status, row.error = row.attempts + 1, getattr(error, "status", None), message.error_code
    hook.failures, hook.failing_since = hook.failures + 1, hook.failing_since or now
    hook.rests_until = now + min(_FIRST_REST * 2 ** min(hook.failures - 1, 10), _LONGEST_REST)
    over = hook.failing_since + services.PATIENCE <= now
    message.status = "failed" if over or row.attempts >= _MOST_TRIES else "queued"
    if message.status == "failed":
        row.state = FAILED
    if over and hook.active:
        services.switch_off(hook)


@delivery.together(events.KIND)
def publish_events(messages: Sequence[OutboxMessage]) -> None:
    """Number events and tell those who listen."""
    for message in messages:
        services.publish(message)


@delivery.handler(services.KIND, on_failure=note_failure)
def deliver_to_webhook(message: OutboxMessage) -> None:
    """Send one message; raises what makes it be tried again, GiveUp where the webhook is switched off."""
    row = session.get(WebhookDelivery, message.payload["delivery_id"])
    if row is None:
        return  # the webhook was removed
    hook = row.webhook
    if not hook.active and row.event_id is not None:
        return  # it is sent what it missed when it is switched on again
    if hook.rests_until is not None and hook.rests_until > clock.now():
        raise Resting("not tried: it did not answer a moment ago", code="resting")
    status = _send(hook, row)
    if not 200 <= status < 300:
        raise Unwelcome(status)
    row.state, row.status, row.error, row.done_at = DELIVERED, status, None, clock.now()
    row.attempts += 1
    if hook.failures:
        services.recovered(hook)


def _send(hook: Webhook, row: WebhookDelivery) -> int:
    timestamp = int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "agreements-webhooks/1",
        "webhook-id": row.message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": records.signature(hook.secret, row.message, timestamp, row.body),
    }
    way: Any = resolver(urlsplit(hook.url).scheme)
    outward = Outward(seconds=_SECONDS, longest=_LONGEST_ANSWER, headers=headers, resolve=way)
    try:
        return outward.status_of(hook.url, "POST", content=row.body.encode())
    finally:
        outward.close()
