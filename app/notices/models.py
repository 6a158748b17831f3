"""Notices: templates that operators edit, the inbox of each user, and deliveries by outside channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.access.models import Account
from app.base import clock
from app.base.database import Model
from app.base.failures import told
from app.base.sealed import EncryptedText
from app.workflow.models import Timestamp

QUEUED, SENT, FAILED = "queued", "sent", "failed"


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
    # What each provider calls this notice: {"wechat": {"template": "…", "fields": {"thing1": "%(unit)s"}}}
    outside: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    # In the other languages of the platform: {"en": {"title": "…", "body": "…"}}; those that are shipped where empty.
    words: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    # The channels one after another, in their order, instead of all at once (B10); and after how many hours in which the
    # notice stands unread in the site the next one follows: 0 for never.
    ladder: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    silence_hours: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    edited_at: Mapped[datetime | None] = mapped_column(Timestamp)

    def __str__(self) -> str:
        return self.title


class Notification(Model):
    """One notice in the inbox of one user."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("outbox_id", "user_id"),
        Index("ix_notifications_inbox", "user_id", "id"),
        Index("ix_notifications_case", "workflow", "case_id"),
        Index("ix_notifications_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    template: Mapped[str] = mapped_column(String(48))
    reader: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(48))
    title: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    workflow: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)

    deliveries: Mapped[list[NoticeDelivery]] = relationship(
        back_populates="notification", lazy="raise", order_by="NoticeDelivery.id", passive_deletes=True
    )
    account: Mapped[Account | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Notification.user_id) == Account.user_id"
    )

    def __str__(self) -> str:
        return self.title


class Sending:
    """What is known of the sending of one message, by whatever channel: operators read it (R10.2)."""

    status: Mapped[str] = mapped_column(String(8), default=QUEUED)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    receipt: Mapped[str | None] = mapped_column(String(128))
    error_code: Mapped[str | None] = mapped_column(String(48))  # app.notices.explanations says what it means
    error_detail: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    def note_sent(self, receipt: str) -> None:
        """The provider has taken it."""
        self.attempts += 1
        self.receipt, self.status, self.at = receipt[:128], SENT, clock.now()
        self.error_code = self.error_detail = None

    def note_failure(self, error: Exception, *, final: bool) -> None:
        """What went wrong, and whether it will be tried again; what was sent stays so."""
        if self.status != SENT:
            self.attempts += 1
            self.status = FAILED if final else QUEUED
            self.error_code, self.error_detail = told(error)
            self.at = clock.now()


class NoticeDelivery(Sending, Model):
    """One notice by one channel outside the site: queued, sent or failed, visible to operators (R10.2)."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        UniqueConstraint("notification_id", "channel"),
        Index("ix_notice_deliveries_status", "status", "id"),
        Index("ix_notice_deliveries_ask_at", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
        Index("ix_notice_deliveries_go_on_at", "go_on_at", postgresql_where=text("go_on_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(String(128))  # masked; the full one is read when sending
    facts: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)  # what fills the provider's template
    cause: Mapped[str | None] = mapped_column(
        String(16)
    )  # why it took over from the channel before (app.notices.ladder)
    gentle: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")  # not while people sleep
    delivered_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when it came to the phone, as the provider says
    ask_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when the provider is asked for that
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")  # raised where a lost one is sent again
    go_on_at: Mapped[datetime | None] = mapped_column(Timestamp)  # the next channel follows if it is unread until then

    notification: Mapped[Notification] = relationship(back_populates="deliveries", lazy="raise")

    @property
    def key(self) -> str:
        """What the provider knows it by; the same for each try of a round."""
        return f"notice-{self.id}" if self.round == 1 else f"notice-{self.id}-{self.round}"

    @property
    def outbox_key(self) -> str:
        """The key of the message of the outbox that sends it."""
        return f"channel:{self.id}" if self.round == 1 else f"channel:{self.id}:{self.round}"

    @property
    def is_lost(self) -> bool:
        """The provider had taken it, and it did not arrive."""
        return self.status == FAILED and self.receipt is not None

    def note_undelivered(self, code: str, detail: str) -> None:
        """It did not come to the phone, although the provider had taken it; its receipt stays."""
        self.status, self.error_code, self.error_detail, self.at = FAILED, code, detail, clock.now()

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The notice and its reader with the same statement, the ways that it went with one more."""
        notice = joinedload(NoticeDelivery.notification, innerjoin=True)
        return (notice.joinedload(Notification.account), notice.selectinload(Notification.deliveries))

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class ChannelAddress(Model):
    """Where a user has agreed to be reached by a channel that needs a binding, such as WeChat (R7.14)."""

    __tablename__ = "channel_addresses"
    __table_args__ = (Index("ix_channel_addresses_index", "address_index", "channel"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    address: Mapped[str] = mapped_column(EncryptedText)
    # By what a log-in finds it. Bindings from when they were for messages alone have none, and open nothing.
    address_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    bound_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
