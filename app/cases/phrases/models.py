"""A school's own phrases for its verdicts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class Phrase(Model):
    """Words for one verdict of a workflow; with `field` they stand beside that field of the record, else in the reason.

    It carries no other scope column: only accounts of the school itself can change a row; its departments read them.
    """

    __tablename__ = "phrases"
    __table_args__ = (UniqueConstraint("school_id", "workflow", "event", "field", "text"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    workflow: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(32))
    field: Mapped[str] = mapped_column(String(100), default="")  # path, e.g. "position.title"
    label: Mapped[str] = mapped_column(String(64), default="")  # what the field is called
    text: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
