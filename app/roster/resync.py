"""Telling the employment system again what it knew of a graduate who was away from the roster (R4.8)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import and_, or_, select

from app.base.database import session
from app.workflow import outbox, registry
from app.workflow.models import OutboxMessage

# What a record of a kind holds now, by the id of its case; None = not to be told again. Records that can be changed in
# the employment system too may differ from their last report; their room says here what they are.
present_values: dict[str, Callable[[int], Mapping[str, Any] | None]] = {}


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
    if kind not in present_values or message.case_id is None:
        return message.payload
    values = present_values[kind](message.case_id)
    return None if values is None else {**message.payload, "values": dict(values)}
