"""Telling the employment system again what it knew of a graduate who was away from the roster (R4.8)."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import and_, or_, select

from app.base.database import session
from app.workflow import outbox, registry
from app.workflow.models import OutboxMessage


def repeat_reports(graduate_id: int) -> int:
    """Report again, of each kind of record, what the graduate's cases reported last; in the running transaction.

    Called when a graduate comes back. While away nothing can have happened, so the last report still holds. Returns
    the number of reports.
    """
    cases = [
        and_(
            OutboxMessage.workflow == flow.name,
            OutboxMessage.case_id.in_(select(flow.model.id).where(flow.model.graduate_id == graduate_id)),
        )
        for flow in registry.all_workflows()
        if hasattr(flow.model, "graduate_id")
    ]
    query = select(OutboxMessage).where(OutboxMessage.kind == "ems", or_(*cases)).order_by(OutboxMessage.id)
    last = {message.payload.get("record", "destination"): message for message in session.scalars(query)}
    for kind, message in last.items():
        payload = _present(kind, message)
        if payload is None:
            continue
        outbox.post(
            "ems",
            payload,
            key=f"again:{graduate_id}:{secrets.token_hex(8)}",
            order_key=message.order_key,
            workflow=message.workflow,
            case_id=message.case_id,
        )
    return len(last)


def _present(kind: str, message: OutboxMessage) -> dict[str, Any] | None:
    """The report as it was, or with what its case says now where records can be changed in the other system too."""
    now = next((flow.present for flow in registry.all_workflows() if flow.name == kind and flow.present), None)
    if now is None or message.case_id is None:
        return message.payload
    values = now(message.case_id)
    return None if values is None else {**message.payload, "values": dict(values)}
