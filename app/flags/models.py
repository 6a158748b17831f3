"""Flagged units (预警单位): which school has marked which unit, and why."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class UnitWarning(Model):
    """One school's mark on one unit, by credit code, whether or not the unit is registered here (R8.11).

    It carries no other scope column: only accounts of the school itself can reach a row.
    """

    __tablename__ = "unit_warnings"
    __table_args__ = (
        # By code first: one look-up finds all schools that have marked a unit.
        UniqueConstraint("uscc", "school_id"),
        Index("ix_unit_warnings_school", "school_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(64))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(8)))
    reason: Mapped[str] = mapped_column(String(500))
    evidence: Mapped[str | None] = mapped_column(String(1000))  # what the school bases it on; told to the unit too
    until: Mapped[date | None] = mapped_column(Date)  # its last day; none: until it is taken back
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    def __str__(self) -> str:
        return self.name
