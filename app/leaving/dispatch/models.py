"""Table of the dispatches: one case for the archive of each graduate that goes to a receiver."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.base.sealed import PersonalJson
from app.cases.models import AT_HOME, CaseMixin, scope_indexes

TO_BE_SENT = "dispatch"  # how long an archive may lie at the school; the season of leaving is long
DAYS_TO_SEND = 30


class Dispatch(CaseMixin, Model):
    """W13 档案寄递: `number` is the 转递编号, `data` the receiver as registered, and who has signed for the archive.

    Columns tell of the last dispatch alone; those before it stand in the history.
    """

    __tablename__ = "dispatches"
    __table_args__ = (
        Index("uq_dispatches_graduate", "graduate_id", unique=True),
        Index("ix_dispatches_number", "number"),
        CheckConstraint("(sent_on IS NULL) = (way IS NULL)", name="sent_by_a_way"),
        CheckConstraint("received_on >= sent_on", name="received_after_sent"),
        *scope_indexes("dispatches"),
    )
    workflow_name = "dispatch"

    data: Mapped[dict[str, Any]] = mapped_column(PersonalJson(*AT_HOME, "received_by"), default=dict)

    way: Mapped[str | None] = mapped_column(String(8))
    sent_on: Mapped[date | None] = mapped_column(Date)
    tracking_number: Mapped[str | None] = mapped_column(String(32))
    received_on: Mapped[date | None] = mapped_column(Date)
    returned_on: Mapped[date | None] = mapped_column(Date)

    def moment_due(self, limit: str, at: datetime) -> datetime:
        """Archives have their own limit; the season's are for what people decide."""
        return at + timedelta(days=DAYS_TO_SEND) if limit == TO_BE_SENT else super().moment_due(limit, at)
