"""What other systems can hear of each transition: a message of the outbox, and once it is delivered a numbered event.

Transactions commit in another order than they began, so that no number that is given in them tells what is still to
come. An event gets its number with the delivery, one at a time: whoever has read up to a number has missed nothing
before it. Events of one record keep their order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text

from app.base.database import session
from app.workflow.models import Event, OutboxMessage
from app.workflow.table import Context

KIND: Final = "event"
_LOCK: Final = 0x5EED0002


def message_of(context: Context[Any]) -> OutboxMessage:
    """The message, to be written with the transition."""
    case, name = context.case, context.workflow.name
    unit = getattr(case, "employer_scope_column", None) or "employer_id"
    scope = {f"{one}_id": getattr(case, f"{one}_id", None) for one in ("graduate", "province", "school", "department")}
    told = {
        "at": context.at.isoformat(),
        "workflow": name,
        "case_id": case.id,
        "event": context.transition.event,
        "from_state": context.origin,
        "state": case.state,
        "version": case.version,
        "external_id": case.external_id,
        "level": getattr(case, "level", None),
        "employer_id": getattr(case, unit, None) if case.employer_may_see else None,
        **scope,
    }
    place = f"{name}:{case.id}"
    return OutboxMessage(kind=KIND, payload=told, key=f"{place}:{case.version}:{KIND}", order_key=f"{KIND}:{place}")


def number(message: OutboxMessage) -> Event:
    """The event of a message with the next number, in the running transaction; the next one waits for its commit."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    event = Event(**{**message.payload, "at": datetime.fromisoformat(message.payload["at"])})
    session.add(event)
    session.flush()
    return event


def latest() -> int:
    """The last number that was given."""
    return session.scalar(select(func.max(Event.id))) or 0
