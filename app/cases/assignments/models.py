"""To whom of an office a waiting record is assigned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class Assignment(Model):
    """A record and the colleague who looks after it; one for each kind of office.

    It holds as long as the record stays where it was: `state_since` is the record's own at that time. So it ends by itself
    with the verdict, and is there again when that is taken back.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("workflow", "case_id", "kind"),
        Index("ix_assignments_user", "user_id", "workflow", "case_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    state_since: Mapped[datetime] = mapped_column(Timestamp)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    place_id: Mapped[int] = mapped_column(BigInteger)  # the province, school or department of that kind
    assigned_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
