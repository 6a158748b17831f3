"""What every way to pay is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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

    def send(self, remittance: Remittance) -> bool:
        """Take the order; returns whether it is paid already. Raises when it cannot be taken now."""
        ...

    def statement(self, account: str) -> Statement | None:
        """Where to look at what has arrived at the account; None where only the unit's own bank can say."""
        ...
