"""Tables of the destinations: what graduates register, the types that operators edit, the minimum wages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.cases.models import ReviewedMixin, scope_indexes
from app.codes.models import EditableMixin
from app.workflow.stages import BINDING, MOVING, Stage, sql_in

# The index of destinations by unit stands on this expression.
DESTINATION_UNIT: Final = literal_column("((destinations.data -> 'data') ->> 'uscc')", String)
OPEN = (Stage.DRAFT, *MOVING)  # begun and not decided: of one registration there is one such change


@dataclass(frozen=True)
class NamedUnit:
    """The unit of a record, as its graduate wrote it; no unit of the platform."""

    name: str
    uscc: str | None = None
    id: int | None = None

    def __str__(self) -> str:
        return self.name


class Destination(ReviewedMixin, Model):
    """W6: one registration of one graduate; `data` is {"type": code, "data": {field: value}}."""

    __tablename__ = "destinations"
    __table_args__ = (
        Index(
            "uq_destinations_binding",
            "graduate_id",
            unique=True,
            postgresql_where=text(f"{sql_in(*BINDING)} AND change_of IS NULL"),
        ),
        Index(
            "uq_destinations_change",
            "change_of",
            unique=True,
            postgresql_where=text(f"{sql_in(*OPEN)} AND change_of IS NOT NULL"),
        ),
        Index("ix_destinations_unit", text("((data -> 'data') ->> 'uscc')")),
        Index("ix_destinations_type", "school_id", "cohort", "type", "state"),
        *scope_indexes("destinations"),
    )
    workflow_name = "destination"

    # The type once more, for lists, filters and counts; always data["type"].
    type: Mapped[str] = mapped_column(String(8))
    # The one in force of which this is a new version; that one stays in force until this one is.
    change_of: Mapped[int | None] = mapped_column(ForeignKey("destinations.id"))

    @property
    def record(self) -> dict[str, Any]:
        """What was filled in: field → value."""
        filled: dict[str, Any] = self.data["data"]
        return filled

    @property
    def employer(self) -> NamedUnit | None:
        """The unit that the record names; None for study, service, waiting and what is not filled in yet."""
        name = self.record.get("employer")
        return NamedUnit(name, self.record.get("uscc")) if name else None


class DestinationTypeRow(EditableMixin, Model):
    """A destination type as operators left it; the row wins over the declared entry it was made from."""

    __tablename__ = "destination_types"
    __table_args__ = (
        CheckConstraint("code <> '' AND label <> ''", name="filled"),
        CheckConstraint("valid_to >= valid_from", name="days"),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    label: Mapped[str] = mapped_column(String(64))
    parent: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)  # types/declared.py, DestinationType.content()

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class MinimumWage(EditableMixin, Model):
    """The minimum wage of a region from a day on; not known until somebody fills it in."""

    __tablename__ = "minimum_wages"
    __table_args__ = (
        UniqueConstraint("region", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("monthly > 0 AND hourly > 0", name="amounts"),
        CheckConstraint("valid_to >= valid_from", name="days"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    region: Mapped[str] = mapped_column(String(6))  # a province, or a city that has an amount of its own
    monthly: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    hourly: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))

    def __str__(self) -> str:
        return self.region
