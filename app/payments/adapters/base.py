"""What every way to pay is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

PAID = ""


@dataclass(frozen=True)
class Remittance:
    """One small amount to a unit's account; `reference` stays the same when it is ordered again."""

    reference: str
    payee: str
    account: str
    bank: str
    bank_code: str | None
    amount: str  # yuan with two decimals


@dataclass(frozen=True)
class Statement:
    """A page on which the owner of an account sees what has arrived."""

    label: str
    url: str


class PaymentAdapter(Protocol):
    """A bank, or the way to one."""

    name: str

    def send(self, remittance: Remittance) -> str | None:
        """Take the order; returns what is known at once: PAID, why it cannot be paid, or None while nothing is.

        Raises when it cannot be taken now; the same order may come again.
        """
        ...

    def outcome(self, reference: str) -> str | None:
        """What has become of an order that was taken, in the same words; None where it is told in another way."""
        ...

    def statement(self, account: str) -> Statement | None:
        """Where to look at what has arrived at the account; None where only the unit's own bank can say."""
        ...
