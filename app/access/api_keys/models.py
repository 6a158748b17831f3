"""API keys: by what a program shows in whose place it acts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class ApiKey(Model):
    """One key of one account; only its digest is kept. While it is being replaced the one before it lives on."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_user", "user_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(16))  # how the key begins, by which people tell keys apart
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    old_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    old_until: Mapped[datetime | None] = mapped_column(Timestamp)
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    addresses: Mapped[list[str]] = mapped_column(JSONB, default=list)  # networks it may come from; none: any
    expires_on: Mapped[date] = mapped_column(Date)  # its last day
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    used_at: Mapped[datetime | None] = mapped_column(Timestamp)
    used_from: Mapped[str | None] = mapped_column(String(64))
