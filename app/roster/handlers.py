"""Outbox messages of the roster: a sheet waits for its check."""

from __future__ import annotations

from app.roster.imports.services.batches import check_batch
from app.roster.imports.services.writing import commit_checked
from app.workflow import delivery
from app.workflow.models import OutboxMessage


@delivery.handler("roster_check")
def check_sheet(message: OutboxMessage) -> None:
    """Check the batch of the payload, and commit it where that is wanted; a second delivery finds it done."""
    check_batch(message.payload["batch_id"])
    if "commit" in message.payload:
        commit_checked(message.payload["batch_id"], message.payload["commit"])
