"""Tables of the leaving confirmations: one case a graduate, and the sheets that were ever confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.base.sealed import EncryptedJson, PersonalJson
from app.cases.models import AT_HOME, CaseMixin, scope_indexes
from app.workflow.models import Timestamp
from app.workflow.stages import Stage, sql_in


class Leaving(CaseMixin, Model):
    """W11: one of a graduate; `data` is what was registered when it was confirmed, `number` the sheet's 核验编号."""

    __tablename__ = "leavings"
    __table_args__ = (
        Index("uq_leavings_graduate", "graduate_id", unique=True),
        CheckConstraint(f"NOT {sql_in(Stage.IN_FORCE)} OR number IS NOT NULL", name="confirmed_has_number"),
        *scope_indexes("leavings"),
    )
    workflow_name = "leaving"

    data: Mapped[dict[str, Any]] = mapped_column(PersonalJson(*AT_HOME), default=dict)

    transfer_number: Mapped[str | None] = mapped_column(String(18))  # 转递编号, where an archive is registered
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)  # the sheet, frozen
    confirmed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    reopened_at: Mapped[datetime | None] = mapped_column(Timestamp)  # what was confirmed has changed since


class LeavingSheet(Model):
    """Every sheet that was ever confirmed, so that whoever holds an old one is told that it has been replaced."""

    __tablename__ = "leaving_sheets"
    __table_args__ = (Index("ix_leaving_sheets_transfer_number", "transfer_number"),)

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    leaving_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("leavings.id"), index=True)
    transfer_number: Mapped[str | None] = mapped_column(String(18))
    archive_id: Mapped[int | None] = mapped_column(BigInteger)  # the registration to which the 转递编号 belongs
    confirmed_at: Mapped[datetime] = mapped_column(Timestamp)
