"""How an event is told to other systems: by ids and states, never by names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Final

from app.base.clock import moment
from app.workflow.models import Event

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (how secrets begin)
TEST: Final = "webhook.test"


def event_type(event: Event) -> str:
    """The workflow and the new state."""
    return f"{event.workflow}.{event.state}"


def message_id(event: Event) -> str:
    """By what a receiver knows a repetition."""
    return f"evt_{event.id}"


def event_json(event: Event) -> dict[str, Any]:
    """The body of a webhook."""
    return {
        "type": event_type(event),
        "timestamp": moment(event.at),
        "data": {
            "workflow": event.workflow,
            "case_id": event.case_id,
            "state": event.state,
            "from": event.from_state,
            "event": event.event,
            "graduate_id": event.graduate_id,
            "external_id": event.external_id,
            "version": event.version,
        },
    }


def as_body(told: dict[str, Any]) -> str:
    """The bytes to be signed, as text."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def signature(secret: str, message: str, timestamp: int, body: str) -> str:
    """As the Standard Webhooks specification has it: v1 and the HMAC of id, time and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
