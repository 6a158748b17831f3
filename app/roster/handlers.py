"""Outbox messages of the roster: a sheet waits for its check."""

from __future__ import annotations

from app.roster.imports.services.batches import check_batch
from app.workflow import delivery
from app.workflow.models import OutboxMessage


@delivery.handler("roster_check")
def check_sheet(message: OutboxMessage) -> None:
    """Check the batch of the payload; a second delivery finds it checked."""
    check_batch(message.payload["batch_id"])
