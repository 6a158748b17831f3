"""What a unit says of records that name its credit code and came about without it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class Recognition(Model):
    """One unit's word on one record, the last that it gave; it decides nothing (B13)."""

    __tablename__ = "recognitions"
    __table_args__ = (
        UniqueConstraint("workflow", "case_id", "employer_id"),
        Index("ix_recognitions_unit", "employer_id", "cohort", "id"),
        CheckConstraint("ours = (reason IS NULL)", name="reason"),
    )
    employer_may_see = True

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    uscc: Mapped[str] = mapped_column(String(18))  # of the unit when it answered
    cohort: Mapped[int] = mapped_column(Integer)
    ours: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(200))  # why it is not theirs
    answered_by: Mapped[str] = mapped_column(String(64))
    answered_by_id: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
