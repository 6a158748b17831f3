"""The table of the days that a school has set for a cohort."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model


class SchoolCalendar(Model):
    """The days of one cohort of a school; without a row nothing is set."""

    __tablename__ = "school_calendars"
    __table_args__ = (
        CheckConstraint("(leaving_from IS NULL) = (leaving_until IS NULL)", name="whole_window"),
        CheckConstraint("leaving_from <= leaving_until", name="leaving_days"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    leaving_from: Mapped[date | None] = mapped_column(Date)  # 离校确认, both days inclusive
    leaving_until: Mapped[date | None] = mapped_column(Date)
