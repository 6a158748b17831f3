"""Orders wait for the next batch file, which somebody carries to the bank's own program (batches.py)."""

from __future__ import annotations

from app.payments.adapters.base import Remittance, Statement


class BatchAdapter:
    """Takes orders and pays none itself."""

    name = "batch"

    def send(self, remittance: Remittance) -> None:
        """Nothing is known yet: write_batch() puts it into the next file."""

    def outcome(self, reference: str) -> None:
        """Results come as files, too."""

    def statement(self, account: str) -> Statement | None:
        """The unit asks its own bank."""
        del account
        return None
