"""What provinces and schools set for the time of a cohort; a place that has set nothing has no row."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model

FREE, REVIEWED = "free", "reviewed"


class ProvinceSeason(Model):
    """Limits of waiting of a province, and how destinations that are approved may change there."""

    __tablename__ = "province_seasons"
    __table_args__ = (CheckConstraint(f"destination_change IN {(FREE, REVIEWED)}", name="destination_change"),)

    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    deadlines: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # name of a limit → days; absent: from above
    destination_change: Mapped[str] = mapped_column(String(8), default=FREE)
    changes_until: Mapped[date | None] = mapped_column(Date)


class SchoolSeason(Model):
    """Limits of waiting of a school, and between which days its graduates check their data and confirm that they leave."""

    __tablename__ = "school_seasons"
    __table_args__ = (
        CheckConstraint("(leaving_from IS NULL) = (leaving_until IS NULL)", name="whole_window"),
        CheckConstraint("leaving_from <= leaving_until", name="leaving_days"),
        CheckConstraint("(checking_from IS NULL) = (checking_until IS NULL)", name="whole_checking"),
        CheckConstraint("checking_from <= checking_until", name="checking_days"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    deadlines: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    leaving_from: Mapped[date | None] = mapped_column(Date)  # 离校确认, both days inclusive
    leaving_until: Mapped[date | None] = mapped_column(Date)
    checking_from: Mapped[date | None] = mapped_column(Date)  # 生源核对, both days inclusive
    checking_until: Mapped[date | None] = mapped_column(Date)
