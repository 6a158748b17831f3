"""The rounds of comparing, and what was found to differ."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Model
from app.roster.models import Graduate
from app.schools.models import School
from app.workflow.models import Timestamp

ROSTERS, REPORTS = "rosters", "reports"  # the parts of a round, in this order
STUDENT, DESTINATION = "student", "destination"  # what differs; archive and hukou by the names of their workflows
# Where a student is, or what became of a report.
ONLY_HERE, ONLY_THERE, REMOVED_HERE, REMOVED_THERE = "only_here", "only_there", "removed_here", "removed_there"
LOST, CHANGED, LATER = "lost", "changed", "later"


class Comparison(Model):
    """One round over all rosters and all delivered reports; it goes on where it stopped, in the next night too."""

    __tablename__ = "ems_comparisons"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(Timestamp)
    part: Mapped[str] = mapped_column(String(8), default=ROSTERS)
    place: Mapped[str] = mapped_column(String(32), default="")  # the last roster, or the last report, that was compared
    compared: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str | None] = mapped_column(Text)  # why it stands still


class Difference(Model):
    """One student, or one record of a student, that is not the same on both sides; gone once a whole round misses it."""

    __tablename__ = "ems_differences"
    __table_args__ = (UniqueConstraint("school_id", "cohort", "exam_number", "kind"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    comparison_id: Mapped[int] = mapped_column(ForeignKey("ems_comparisons.id"))  # the round that saw it last
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    cohort: Mapped[int] = mapped_column(Integer)
    exam_number: Mapped[str] = mapped_column(String(20))
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduates.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    problem: Mapped[str] = mapped_column(String(16))
    fields: Mapped[list[str]] = mapped_column(ARRAY(String(32)), default=list)  # names only: no personal data
    found_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    mended_at: Mapped[datetime | None] = mapped_column(Timestamp)  # when it was sent; the next round tells if it helped

    school: Mapped[School] = relationship(lazy="raise")
    graduate: Mapped[Graduate | None] = relationship(lazy="raise")
