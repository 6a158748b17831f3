"""Figures as they stood on a day: what was reported can be named afterwards, and compared with what holds now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp

LARGEST = 2**62  # sums of marks begin anew there


class FigureChange(Model):
    """Something that figures are counted from has changed at this school, or at all of them (no school: facts of a unit).

    Triggers write these rows, one a statement and school; `mark` is a random number, so that the sum of a school's
    marks is another one after each change. A job puts rows together that are there, their marks with them.
    """

    __tablename__ = "figure_changes"
    __table_args__ = (Index("ix_figure_changes_school", "school_id", postgresql_include=["mark"]),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    school_id: Mapped[int | None] = mapped_column(BigInteger)
    mark: Mapped[int] = mapped_column(BigInteger)


class FigureSnapshot(Model):
    """The figures of one place at one moment, by one formula; never changed. Scope columns are those of who took it."""

    __tablename__ = "figure_snapshots"
    __table_args__ = (
        Index("ix_figure_snapshots_school", "school_id", "cohort", "id"),
        Index("ix_figure_snapshots_province", "province_id", "cohort", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int | None] = mapped_column(ForeignKey("provinces.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("schools.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    level: Mapped[str] = mapped_column(String(16))
    cohort: Mapped[int] = mapped_column(Integer)
    formula: Mapped[str] = mapped_column(String(8))
    completion: Mapped[bool] = mapped_column(Boolean)
    place: Mapped[str] = mapped_column(String(128))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)  # total and lines: numbers, no person
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # SHA-256 of the content, its keys in order
    taken_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    taken_by: Mapped[str] = mapped_column(String(64))
