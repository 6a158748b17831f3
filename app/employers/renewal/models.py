"""The table of the yearly renewals of units' verifications (年度复核)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.access.actors import EMPLOYER, OPERATOR
from app.base.clock import day_of, end_of_day
from app.base.database import Model
from app.employers.models import Employer
from app.workflow.models import BareCaseMixin
from app.workflow.stages import Stage, sql_in

AHEAD, AGAIN = "renewal_days", "renewal_again_days"
# To the end of the day after so long a unit has time at least, from the first notice and once it was sent back.
LEAST = {AHEAD: timedelta(days=29), AGAIN: timedelta(days=7)}


class UnitRenewal(BareCaseMixin, Model):
    """One year's renewal of one unit: what stood, what its owner changed, and how it was judged.

    `data` has `changes`, field → [before, after], as handed in.
    """

    __tablename__ = "unit_renewals"
    __table_args__ = (
        Index(
            "uq_unit_renewals_open",
            "employer_id",
            unique=True,
            postgresql_where=text(f"NOT {sql_in(Stage.IN_FORCE)}"),
        ),
        Index("ix_unit_renewals_employer", "employer_id", "id"),
        Index("ix_unit_renewals_state", "state", "id"),
        Index("ix_unit_renewals_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )
    workflow_name = "unit_renewal"
    employer_may_see = True
    readers = (OPERATOR, EMPLOYER)

    employer_id: Mapped[int] = mapped_column(ForeignKey("employers.id"))

    employer: Mapped[Employer] = relationship(lazy="raise")

    def moment_due(self, limit: str, at: datetime) -> datetime:
        """Not before the verification ends, and never sooner than the unit can act."""
        if limit not in LEAST:
            return super().moment_due(limit, at)
        return max(self.employer.verified_until or at, end_of_day(day_of(at + LEAST[limit])))

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """The unit with the same statement."""
        return (joinedload(UnitRenewal.employer, innerjoin=True),)
