"""Telling the employment system again what it knew of a graduate who was away from the roster (R4.8)."""

from __future__ import annotations

import secrets

from sqlalchemy import and_, or_, select

from app.database import session
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
    for message in last.values():
        outbox.post(
            "ems",
            message.payload,
            key=f"again:{graduate_id}:{secrets.token_hex(8)}",
            order_key=message.order_key,
            workflow=message.workflow,
            case_id=message.case_id,
        )
    return len(last)
