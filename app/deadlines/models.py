"""When the platform, or a system that people need to act, was not there; and the pulse by which that is seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.workflow.models import Timestamp

PLATFORM = "platform"


class Pulse(Model):
    """When the clock last looked at what is due; one row."""

    __tablename__ = "pulses"

    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(Timestamp)


class Outage(Model):
    """A time that counts for nobody."""

    __tablename__ = "outages"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    system: Mapped[str] = mapped_column(String(32))
    began_at: Mapped[datetime] = mapped_column(Timestamp)
    ended_at: Mapped[datetime] = mapped_column(Timestamp)
    noted_at: Mapped[datetime] = mapped_column(Timestamp)
