"""Webhooks, and what was sent to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedText
from app.workflow.models import Timestamp

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"


class Webhook(Model):
    """An address of another system that is told of events, in the scope of the account that set it up."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_user", "user_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSONB)  # online_signing.signed, destination.*
    secret: Mapped[str] = mapped_column(EncryptedText)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    off_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when the program has switched it off
    failures: Mapped[int] = mapped_column(Integer, default=0)  # in a row
    failing_since: Mapped[datetime | None] = mapped_column(Timestamp)
    rests_until: Mapped[datetime | None] = mapped_column(Timestamp)  # until then nothing is tried
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)


class WebhookDelivery(Model):
    """One event for one webhook: the body as it is sent each time, and what it was answered with the last time."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_hook", "webhook_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(BigInteger)  # none: a test
    message: Mapped[str] = mapped_column(String(64))  # the id under which the receiver knows it, whatever is repeated
    type: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str | None] = mapped_column(String(48))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now, index=True)
    done_at: Mapped[datetime | None] = mapped_column(Timestamp)

    webhook: Mapped[Webhook] = relationship(Webhook, lazy="joined", innerjoin=True)
