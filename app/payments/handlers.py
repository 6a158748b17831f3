"""Orders come out of the outbox."""

from __future__ import annotations

from sqlalchemy import select

from app.base.database import session
from app.base.outward import OutwardError
from app.payments.adapters.base import Remittance
from app.payments.models import PaymentOrder
from app.payments.services import order_payment
from app.workflow import delivery
from app.workflow.models import OutboxMessage


@delivery.handler("payment", outages=(OutwardError,))
def pay(message: OutboxMessage) -> None:
    """Order the remittance once; account and amount come sealed."""
    payload = message.payload
    query = select(PaymentOrder.id).where(PaymentOrder.reference == payload["reference"])
    if session.scalar(query) is not None:
        return
    order_payment(
        Remittance(
            reference=payload["reference"],
            payee=payload["payee"],
            account=payload["account"],
            bank=payload["bank"],
            bank_code=payload.get("bank_code"),
            amount=payload["amount"],
        )
    )
