"""python -m app.payments.contract URL --token TOKEN --account ACCOUNT: asks a bank's interface whether it keeps the contract.

It orders 0.01 yuan to that account, once. The contract: README.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from app.base import contract
from app.base.contract import Broken, Contract, expect
from app.payments.adapters.gateway import SECONDS, read_outcome


@dataclass
class Asked(contract.Asked):
    """The bank's interface, and the one order with which the checks play."""

    reference: str = field(default_factory=lambda: f"contract-{uuid4().hex}")

    def order(self, wanted: int = 200, reference: str = "", **changed: Any) -> Any:
        """Hand over the order, or a changed one."""
        own = {"payee": self.told.payee, "account": self.told.account, "bank": self.told.bank}
        body = {**own, "bank_code": None, "amount": "0.01", **changed}
        return self.call("PUT", f"/orders/{reference or self.reference}", wanted, json=body)


def closed_without_token(asked: Asked) -> None:
    asked.call("GET", f"/orders/{asked.reference}", 401, headers={"Authorization": "Bearer wrong"})


def unknown_orders_are_404(asked: Asked) -> None:
    asked.call("GET", f"/orders/{uuid4().hex}", 404)


def an_order_is_taken(asked: Asked) -> None:
    read_outcome(asked.order())
    read_outcome(asked.call("GET", f"/orders/{asked.reference}"))


def it_is_paid_once(asked: Asked) -> None:
    before = asked.call("GET", f"/orders/{asked.reference}")
    for _time in range(2):
        after = asked.order()
    if read_outcome(before) is not None:  # what was under way may be over by now
        expect(after, before, "ordered again")


def a_reference_belongs_to_one_order(asked: Asked) -> None:
    asked.order(409, amount="0.02")


def wrong_orders_are_refused(asked: Asked) -> None:
    for changed in ({"amount": "0"}, {"amount": "-1.00"}, {"account": ""}):
        told = asked.order(422, reference=f"contract-{uuid4().hex}", **changed)
        if not told.get("message"):
            raise Broken(f"{changed}: no message")


def nonsense_is_refused(asked: Asked) -> None:
    kind = {"Content-Type": "application/json"}
    status = asked.http.put(f"/orders/contract-{uuid4().hex}", content=b"{", headers=kind).status_code
    if not 400 <= status < 500:
        raise Broken(f"{status}")


CONTRACT: Final = Contract(
    "python -m app.payments.contract",
    str(__doc__),
    Path(__file__).parent / "data" / "contract.toml",
    (
        closed_without_token,
        unknown_orders_are_404,
        an_order_is_taken,
        it_is_paid_once,
        a_reference_belongs_to_one_order,
        wrong_orders_are_refused,
        nonsense_is_refused,
    ),
    asked=Asked,
    options={
        "--account": {"required": True, "help": "an account of your own, which gets 0.01 yuan"},
        "--payee": {"default": "contract"},
        "--bank": {"default": "contract"},
    },
    seconds=SECONDS,
)

if __name__ == "__main__":
    sys.exit(contract.main(CONTRACT))
