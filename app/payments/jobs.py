"""Jobs of the payments: batches to the bank and results from it, or the question what has become of the orders."""

from __future__ import annotations

from app.payments import adapters
from app.payments.services import ask_for_outcomes, read_results, write_batch


def exchange_batches_job() -> None:
    """Run by the clock."""
    if adapters.adapter().name == "batch":
        write_batch(adapters.folder())
        read_results(adapters.folder())
    else:
        ask_for_outcomes()
