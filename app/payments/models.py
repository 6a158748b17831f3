"""The orders given to the bank."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedText
from app.workflow.models import Timestamp

ORDERED, HANDED_OVER, SENT, FAILED = "ordered", "handed", "sent", "failed"
STATUSES = (ORDERED, HANDED_OVER, SENT, FAILED)


class PaymentOrder(Model):
    """One remittance; `reference` names it for ever, so that nothing is paid twice."""

    __tablename__ = "payment_orders"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        Index("ix_payment_orders_open", "id", postgresql_where=text("status IN ('ordered', 'handed')")),
        {"info": {"sealed_by": ("reference",)}},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    payee: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(EncryptedText)
    account_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    bank: Mapped[str] = mapped_column(String(64))
    bank_code: Mapped[str | None] = mapped_column(String(14))
    amount: Mapped[str] = mapped_column(EncryptedText)  # yuan such as 1.78
    status: Mapped[str] = mapped_column(String(8), default=ORDERED)
    problem: Mapped[str | None] = mapped_column(String(200))
    batch: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    settled_at: Mapped[datetime | None] = mapped_column(Timestamp)
