"""The chain of the audit trail: lines are written without waiting for each other, and linked soon after, in blocks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.workflow.models import Timestamp


class AuditBlock(Model):
    """A run of lines of the audit trail, linked to the run before it. Blocks are only added."""

    __tablename__ = "audit_blocks"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # 1, 2, 3 …
    first_line: Mapped[int] = mapped_column(BigInteger)
    last_line: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(Timestamp)  # the newest line's time: when it may be forgotten (audit_days)
    root: Mapped[bytes] = mapped_column(LargeBinary)  # hash over all lines
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
