"""A bank, or the programme of one, that takes orders over HTTP (contract: app/payments/README.md)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from app.base.outward import Answer, Outward
from app.base.settings import settings
from app.payments.adapters.base import PAID, Remittance, Statement
from config import SettingsError

ACCEPTED, SENT, FAILED = "accepted", "sent", "failed"
SECONDS = 20.0
_LONGEST = 64 * 1024


class GatewayAdapter:
    """Hands each order over, and asks what has become of those that were only accepted."""

    name = "gateway"

    def __init__(self) -> None:
        told = settings().payments
        if not told.get("PAYMENT_URL"):
            raise SettingsError("PAYMENT_ADAPTER=gateway needs PAYMENT_URL, the address of the bank's interface.")
        token = told.get("PAYMENT_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._outward = Outward(
            f"{told['PAYMENT_URL'].rstrip('/')}/", seconds=SECONDS, longest=_LONGEST, headers=headers, partner="PAYMENT"
        )

    def send(self, remittance: Remittance) -> str | None:
        """Hand over; a repetition is recognised there by its reference. Raises OutwardError."""
        order = asdict(remittance)
        return self._outward.call("PUT", _order(order.pop("reference")), _outcome, json=order, tries=2)

    def outcome(self, reference: str) -> str | None:
        """Ask. Raises OutwardError."""
        return self._outward.call("GET", _order(reference), _outcome)

    def statement(self, account: str) -> Statement | None:
        """The unit asks its own bank."""
        del account
        return None


def read_outcome(answer: Any) -> str | None:
    """PAID, why not, or None while it is under way; raises KeyError or ValueError when it is no outcome."""
    status, problem = answer["status"], answer.get("problem")
    if status not in (ACCEPTED, SENT, FAILED) or not (problem is None or isinstance(problem, str)):
        raise ValueError("no outcome of an order")
    if status == FAILED:
        return problem or FAILED
    return PAID if status == SENT else None


def _outcome(answer: Answer) -> str | None:
    told = answer.json()
    if answer.status == 422:  # the order itself is wrong: nobody has to ask again
        return str(told.get("message") or FAILED)
    if answer.status != 200:
        raise ValueError(f"answered {answer.status}")
    return read_outcome(told)


def _order(reference: str) -> str:
    return f"orders/{quote(reference, safe='')}"
