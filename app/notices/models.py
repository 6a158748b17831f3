"""Notices: templates that operators edit, the inbox of each user, and deliveries by outside channels."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Model
from app.workflow.models import Timestamp


class NoticeTemplate(Model):
    """The words of one notice for one kind of reader; operators edit them (R10.2)."""

    __tablename__ = "notice_templates"
    __table_args__ = (UniqueConstraint("name", "reader"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(48))
    reader: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    channels: Mapped[list[str]] = mapped_column(ARRAY(String(16)), default=list)  # besides the site
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    edited_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Notification(Model):
    """One notice in the inbox of one user."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("outbox_id", "user_id"),
        Index("ix_notifications_inbox", "user_id", "id"),
        Index("ix_notifications_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(48))
    title: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    workflow: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)

    deliveries: Mapped[list[NoticeDelivery]] = relationship(back_populates="notification", lazy="raise")


class NoticeDelivery(Model):
    """One notice by one channel outside the site: queued, sent or failed, visible to operators (R10.2)."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (UniqueConstraint("notification_id", "channel"), Index("ix_notice_deliveries_status", "status", "id"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(String(128))  # masked; the full one is read when sending
    status: Mapped[str] = mapped_column(String(8), default="queued")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    receipt: Mapped[str | None] = mapped_column(String(128))
    last_error: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    notification: Mapped[Notification] = relationship(back_populates="deliveries", lazy="raise")
