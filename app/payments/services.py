"""Ordering remittances and hearing what became of them (R5.3)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.payments import adapters
from app.payments.adapters.base import Remittance
from app.payments.models import FAILED, HANDED_OVER, ORDERED, SENT, PaymentOrder
from app.workflow import outbox


def order_payment(remittance: Remittance) -> PaymentOrder:
    """Keep the order and hand it to the bank; again with the same reference it changes nothing.

    Called by the delivery of the outbox. What the bank says at once is told on; else settle_payment() comes later.
    """
    with transaction():
        values = {
            "reference": remittance.reference,
            "payee": remittance.payee,
            "account": remittance.account,
            "account_index": blind_index(remittance.account),
            "bank": remittance.bank,
            "bank_code": remittance.bank_code,
            "amount": remittance.amount,
            "status": ORDERED,
            "created_at": clock.now(),
        }
        session.execute(insert(PaymentOrder).values(values).on_conflict_do_nothing(index_elements=["reference"]))
        order = _locked(remittance.reference)
        assert order is not None
        if order.status == ORDERED and adapters.adapter().send(remittance):
            _settle(order, "")
    return order


def settle_payment(reference: str, problem: str = "") -> bool:
    """The bank says that it has paid, or why it could not; returns whether that is news. For adapters alone."""
    with transaction():
        order = _locked(reference)
        if order is None or order.status not in (ORDERED, HANDED_OVER):
            return False
        _settle(order, problem)
    return True


def _settle(order: PaymentOrder, problem: str) -> None:
    order.status, order.problem, order.settled_at = (FAILED if problem else SENT), problem[:200] or None, clock.now()
    payload = {"reference": order.reference, "problem": problem[:200]}
    outbox.post("payment_settled", payload, key=f"payment:{order.reference}")


def _locked(reference: str) -> PaymentOrder | None:
    query = select(PaymentOrder).where(PaymentOrder.reference == reference).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))
