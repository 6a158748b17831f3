"""When a graduate was last reminded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.workflow.models import Timestamp


class RosterReminder(Model):
    """One row a graduate: whoever reminds takes it over, so that two at once do not remind twice."""

    __tablename__ = "roster_reminders"

    graduate_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("graduates.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Timestamp)
