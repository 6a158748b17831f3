"""How messages end that were carried: done, or refused for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from app.base import clock
from app.base.database import session
from app.workflow.models import OutboxMessage


def end_messages(ended: Mapping[int, str | None]) -> None:
    """End these messages: done, or refused for a reason."""
    query = select(OutboxMessage.id).where(OutboxMessage.id.in_(ended), OutboxMessage.status != "done")
    held = session.scalars(query.order_by(OutboxMessage.id).with_for_update()).all()
    done: dict[str, Any] = {"status": "done", "done_at": clock.now()}
    done |= {"last_error": None, "error_code": None, "error_detail": None}
    taken = [key for key in held if ended[key] is None]
    session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(taken)).values(done))
    refused = [
        {"id": key, "status": "failed", "error_detail": problem, "last_error": f"EmsRefused: {problem}"}
        for key in held
        if (problem := ended[key]) is not None
    ]
    if refused:
        session.execute(update(OutboxMessage), [{**one, "error_code": "ems_refused"} for one in refused])
