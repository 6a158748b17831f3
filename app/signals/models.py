"""Signals: what the rules find odd, which records show it, and what offices say of it. None of it changes a record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp

CONFIRMED, FALSE_ALARM, PENDING = "confirmed", "false", "pending"
VERDICTS = (CONFIRMED, FALSE_ALARM, PENDING)


class Signal(Model):
    """What one rule says of one subject; one row for ever, which closes when it no longer holds and opens again.

    It names no person: facts are numbers, days and units. In whose scope it lies follows from the records that show it.
    """

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("rule", "subject"),
        Index("ix_signals_units", "units", postgresql_using="gin"),
        Index("ix_signals_open", "looked_at", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    rule: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(160))  # what the rule has looked at, e.g. "unit:91110108MA01KWHC0K"
    severity: Mapped[str] = mapped_column(String(8))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    units: Mapped[list[str]] = mapped_column(ARRAY(String(24)))  # their codes
    found_at: Mapped[datetime] = mapped_column(Timestamp)  # since when it holds
    looked_at: Mapped[datetime] = mapped_column(Timestamp)
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)

    marks: Mapped[list[SignalMark]] = relationship(lazy="raise", viewonly=True)

    @staticmethod
    def scope_through() -> tuple[Any, Any]:
        """Who reaches one of its records reaches the signal."""
        return SignalRecord, SignalRecord.signal_id == Signal.id

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """What offices have said of it, with one statement for all rows."""
        return (selectinload(Signal.marks),)

    def __str__(self) -> str:
        return str(self.facts.get("unit") or self.id)


class SignalRecord(Model):
    """A record that shows it, with the scope of the record. Graduates and units are in no scope of it."""

    __tablename__ = "signal_records"
    __table_args__ = (
        Index("ix_signal_records_case", "workflow", "case_id"),
        *(Index(f"ix_signal_records_{one}", f"{one}_id", "signal_id") for one in ("school", "department", "province")),
    )
    graduate_scope_column = "none"

    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id", ondelete="CASCADE"), primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(BigInteger)
    school_id: Mapped[int] = mapped_column(BigInteger)
    department_id: Mapped[int] = mapped_column(BigInteger)
    level: Mapped[str] = mapped_column(String(16))


class SignalMark(Model):
    """What one office says of a signal: a school with its departments, a province, or the operators (no place)."""

    __tablename__ = "signal_marks"
    __table_args__ = (
        UniqueConstraint("signal_id", "province_id", "school_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(String(32))
    province_id: Mapped[int | None] = mapped_column(BigInteger)
    school_id: Mapped[int | None] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(500))
    marked_by: Mapped[str] = mapped_column(String(64))
    marked_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)


class SignalCursor(Model):
    """Up to which event the records have been looked at; one row."""

    __tablename__ = "signal_cursors"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger, default=0)
