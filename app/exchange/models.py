"""Files that were written for a province's employment system, and what was answered to each of their messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedBytes
from app.ems.by_file import KINDS
from app.schools.models import Province
from app.workflow import background
from app.workflow.models import Timestamp


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
    fetched_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when it was first downloaded
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    # Its messages, and how many of them were taken and refused; the others wait, or were given up with the file.
    messages: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    refused: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    answers: Mapped[bytes | None] = mapped_column(
        EncryptedBytes, deferred=True
    )  # as they came, until a worker has read them
    answers_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when these came

    province: Mapped[Province] = relationship(lazy="joined", innerjoin=True)

    @property
    def being_read(self) -> bool:
        """Whether a worker has answers of it to read; a job that lasts longer than it may has failed."""
        return self.answers_at is not None and clock.now() - self.answers_at < background.LONGEST

    @property
    def waiting(self) -> int:
        """How many of its messages have no answer yet."""
        return 0 if self.closed_at else self.messages - self.taken - self.refused

    @property
    def given_up(self) -> int:
        """How many of its messages went with another file instead."""
        return self.messages - self.taken - self.refused - self.waiting

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
