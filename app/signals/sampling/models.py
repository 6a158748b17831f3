"""Spot checks: records drawn by lot from what is approved in scope, and what a look at the originals has shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp

SAME, DIFFERENT = "same", "different"
RESULTS = (SAME, DIFFERENT)


class SpotCheck(Model):
    """One draw of an office. The seed and the number it was drawn from are kept, so that it can be drawn again."""

    __tablename__ = "spot_checks"
    __table_args__ = (
        Index("ix_spot_checks_school", "school_id", "id"),
        Index("ix_spot_checks_province", "province_id", "id"),
    )
    graduate_scope_column = "none"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # Whose draw it is: a school's with its school, a province's with no school, the operators' with neither.
    province_id: Mapped[int | None] = mapped_column(BigInteger)
    school_id: Mapped[int | None] = mapped_column(BigInteger)
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    seed: Mapped[str] = mapped_column(String(32))
    of: Mapped[int] = mapped_column(Integer)  # how many records it was drawn from
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    records: Mapped[list[CheckedRecord]] = relationship(lazy="raise", order_by="CheckedRecord.position")

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The drawn records of all rows with one statement."""
        return (selectinload(SpotCheck.records),)

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"


class CheckedRecord(Model):
    """A drawn record and what was found; no result while nobody has looked."""

    __tablename__ = "checked_records"
    __table_args__ = (CheckConstraint(f"result IN {RESULTS}", name="result"),)

    spot_check_id: Mapped[int] = mapped_column(ForeignKey("spot_checks.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(500), default="")
    checked_by: Mapped[str | None] = mapped_column(String(64))
    checked_at: Mapped[datetime | None] = mapped_column(Timestamp)
