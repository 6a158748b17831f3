"""What waits to be carried to an employment system that has no interface."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.workflow.models import Timestamp


class WaitingForFile(Model):
    """A message that goes by file, until it is answered; in which open file it stands, if in one.

    What messages say is encrypted: here stands what is needed to count and to choose them by one statement.
    """

    __tablename__ = "ems_waiting_for_file"
    __table_args__ = (
        Index(
            "ix_ems_waiting_for_file_next",
            "province_id",
            "kind",
            "message_id",
            postgresql_where=text("file_id IS NULL"),
        ),
        Index("ix_ems_waiting_for_file_file", "file_id", postgresql_where=text("file_id IS NOT NULL")),
    )

    message_id: Mapped[int] = mapped_column(
        ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    kind: Mapped[str] = mapped_column(String(12))
    rows: Mapped[int] = mapped_column(Integer)  # that it will fill, about
    since: Mapped[datetime] = mapped_column(Timestamp)
    file_id: Mapped[int | None] = mapped_column(BigInteger)
