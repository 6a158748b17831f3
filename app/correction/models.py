"""Tables of the corrections: one case a field that a graduate finds wrong, and who has checked everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedText, PersonalJson
from app.cases.models import CaseMixin, scope_indexes
from app.workflow.models import Timestamp
from app.workflow.stages import MOVING, sql_in


class Correction(CaseMixin, Model):
    """W12: `data` says what the roster had and what is right, masked where the field is; `wanted` is the value to write."""

    __tablename__ = "corrections"
    __table_args__ = (
        Index("uq_corrections_open", "graduate_id", "field", unique=True, postgresql_where=text(sql_in(*MOVING))),
        *scope_indexes("corrections"),
    )
    workflow_name = "correction"

    data: Mapped[dict[str, Any]] = mapped_column(PersonalJson("now", "wanted"), default=dict)
    field: Mapped[str] = mapped_column(String(32))
    wanted: Mapped[str] = mapped_column(EncryptedText)


class RosterCheck(Model):
    """A graduate has gone through every field; `wrong` is how many were named as wrong."""

    __tablename__ = "roster_checks"

    graduate_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("graduates.id"), primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    wrong: Mapped[int] = mapped_column(Integer, default=0)
