"""What follows a roster row when it changes: its cases' 失效, and where cases that keep no copy yet are reviewed."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import and_, inspect, or_, select, text

from app.base.database import session
from app.workflow import outbox, registry
from app.workflow.models import OutboxMessage


def follow_many(table: str) -> None:
    """Bring the cases of all graduates of a temporary table (id, invalid_since) into line with their roster rows.

    A case keeps the student data of its submission (R4.6); until there is such a copy it moves with the student to
    another department or level.
    """
    # What ends other records first: an approval holds it before the record that it ends, and nobody may wait in a circle.
    for workflow in sorted(registry.all_workflows(), key=lambda one: not one.ends):
        model = workflow.model
        if not hasattr(model, "graduate_id") or not model.follows_roster:
            continue
        moves = ""
        if hasattr(model, "student"):
            moves = " OR (c.student IS NULL AND (c.department_id, c.level) IS DISTINCT FROM (g.department_id, g.level))"
        name = inspect(model).local_table.name
        kept = "c.student IS NULL" if moves else "FALSE"
        session.execute(
            text(
                f"UPDATE {name} c SET invalid_since = g.invalid_since,"  # noqa: S608 - names of our own tables
                f" department_id = CASE WHEN {kept} THEN g.department_id ELSE c.department_id END,"
                f" level = CASE WHEN {kept} THEN g.level ELSE c.level END"
                f" FROM graduates g WHERE g.id IN (SELECT id FROM {table}) AND c.graduate_id = g.id"
                f" AND (c.invalid_since IS DISTINCT FROM g.invalid_since{moves})"
            )
        )


def follow(graduate_id: int) -> None:
    """The same for one graduate, whose row has been flushed."""
    session.flush()
    follow_many(f"(SELECT {int(graduate_id)} AS id) AS one")


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
