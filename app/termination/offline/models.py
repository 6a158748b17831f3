"""The table of W5: a graduate's application to be released from an offline or supplementary signing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.cases.models import ReviewedMixin, scope_indexes
from app.workflow.models import Timestamp
from app.workflow.stages import MOVING, Stage, sql_in

SIGNINGS = ("offline_signing", "supplementary")
MUTUAL, UNILATERAL = "mutual", "unilateral"
SETTLEMENTS = (MUTUAL, UNILATERAL)
LETTER, STATEMENT = "termination_letter", "statement"


@dataclass(frozen=True)
class Unit:
    """The unit as the agreement names it; offline cases belong to no registered unit."""

    name: str
    uscc: str | None = None
    id: int | None = None


class OfflineTermination(ReviewedMixin, Model):
    """W5: one application of one graduate to be released from one signing."""

    __tablename__ = "offline_terminations"
    __table_args__ = (
        Index(
            "uq_offline_terminations_open",
            "signing_workflow",
            "signing_id",
            unique=True,
            postgresql_where=text(sql_in(*MOVING)),
        ),
        Index("ix_offline_terminations_signing", "signing_workflow", "signing_id"),
        *scope_indexes("offline_terminations"),
        CheckConstraint(f"signing_workflow IN {SIGNINGS}", name="signing_workflow"),
        CheckConstraint(f"settlement IS NULL OR settlement IN {SETTLEMENTS}", name="settlement"),
        CheckConstraint(f"NOT {sql_in(Stage.IN_FORCE)} OR settlement IS NOT NULL", name="approved_is_settled"),
        CheckConstraint(
            f"NOT {sql_in(Stage.IN_FORCE)} OR settlement <> '{UNILATERAL}' OR explanation IS NOT NULL",
            name="unilateral_is_explained",
        ),
        CheckConstraint(f"{sql_in(Stage.DRAFT)} OR submitted_at IS NOT NULL", name="submitted"),
    )
    workflow_name = "offline_termination"

    signing_workflow: Mapped[str] = mapped_column(String(32))
    signing_id: Mapped[int] = mapped_column(BigInteger)
    agreement_type: Mapped[str] = mapped_column(String(16))
    unit: Mapped[dict[str, Any]] = mapped_column(JSONB)  # name and credit code, as on the agreement
    reason_code: Mapped[str | None] = mapped_column(String(4))
    reason: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None] = mapped_column(Timestamp)  # the first time: from then on it counts (R3.4)
    settlement: Mapped[str | None] = mapped_column(String(12))
    explanation: Mapped[str | None] = mapped_column(Text)

    @property
    def employer(self) -> Unit:
        """The unit for lists, notices and the API."""
        return Unit(self.unit["name"], self.unit.get("uscc"))
