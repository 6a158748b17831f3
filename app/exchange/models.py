"""Files that were written for a province's employment system, and what was answered to each of their messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedBytes
from app.schools.models import Province
from app.workflow.models import Timestamp

STUDENTS, DESTINATION, ARCHIVE, HUKOU = "students", "destination", "archive", "hukou"
KINDS = (STUDENTS, DESTINATION, ARCHIVE, HUKOU)


class ExchangeFile(Model):
    """One file, kept byte for byte until it is answered or given up: then nobody needs the personal data in it."""

    __tablename__ = "exchange_files"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        Index("ix_exchange_files_province", "province_id", "id"),
    )
    graduate_scope_column = "none"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    kind: Mapped[str] = mapped_column(String(12))
    format: Mapped[str] = mapped_column(String(8))
    rows: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes, deferred=True)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)

    province: Mapped[Province] = relationship(lazy="joined", innerjoin=True)
    lines: Mapped[list[ExchangeLine]] = relationship(lazy="raise", order_by="ExchangeLine.message_id")

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The messages of all rows with one statement."""
        return (selectinload(ExchangeFile.lines),)

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.province.code}-{self.kind}-{self.id}.{self.format}"

    def __str__(self) -> str:
        return self.name


class ExchangeLine(Model):
    """A message in a file. While it is open, it stands in no other one."""

    __tablename__ = "exchange_lines"
    __table_args__ = (Index("uq_exchange_lines_open", "message_id", unique=True, postgresql_where=text("open")),)

    file_id: Mapped[int] = mapped_column(ForeignKey("exchange_files.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    rows: Mapped[int] = mapped_column(Integer)
    open: Mapped[bool] = mapped_column(Boolean, default=True)
    taken: Mapped[bool | None] = mapped_column(Boolean)
