"""The audit trail of what changes no case: log-ins, downloads, changes of roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actors import Actor
from app.base import clock
from app.base.database import Model, session, transaction


class AuditLine(Model):
    """Who did what to what, when and from where; rows are only added."""

    __tablename__ = "audit_lines"
    __table_args__ = (Index("ix_audit_lines_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now, index=True)
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(128))
    actor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    actor: Mapped[str] = mapped_column(String(128))
    ip: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


def record(action: str, *, actor: Actor, subject: str | None = None, detail: Mapping[str, Any] | None = None) -> None:
    """Add a line; joins the running transaction where there is one. Called by doors and services."""
    with transaction():
        session.add(
            AuditLine(
                action=action,
                subject=subject,
                actor_id=actor.user_id,
                actor=actor.username or actor.name,
                ip=actor.ip,
                detail=dict(detail or {}),
            )
        )
