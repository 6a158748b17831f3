"""Table of the dispatches: one case for the archive of each graduate that goes to a receiver."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.clock import end_of_day
from app.base.database import Model
from app.base.sealed import PersonalJson
from app.cases.models import AT_HOME, CaseMixin, scope_indexes

TO_BE_SENT = "dispatch_days"  # how long an archive may lie at the school
TO_BE_RECEIVED = "receipt_days"  # and how long it may be on its way


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

    @property
    def is_here(self) -> bool:
        """Whether the archive lies at the school: it was never sent, or came back."""
        return self.sent_on is None or self.returned_on is not None

    def moment_due(self, limit: str, at: datetime) -> datetime:
        """A receipt is due so many days after the archive was sent, whenever that was written down."""
        if limit == TO_BE_RECEIVED and self.sent_on is not None:
            at = end_of_day(self.sent_on)
        return super().moment_due(limit, at)
