"""Jobs of the payments: batches to the bank and results from it, where a batch of files is the way to pay."""

from __future__ import annotations

from app.payments import adapters
from app.payments.services import read_results, write_batch


def exchange_batches_job() -> None:
    """Run by the clock; nothing to do with another way to pay."""
    if adapters.adapter().name == "batch":
        write_batch(adapters.folder())
        read_results(adapters.folder())
