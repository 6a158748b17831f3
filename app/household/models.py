"""What the tables of archive and hukou share, and how far the employment system's changes of both have been read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.cases.models import ReviewedMixin, scope_indexes
from app.workflow import registry
from app.workflow.models import Timestamp
from app.workflow.stages import AUTHORED, Stage, sql_in

OPEN = (*AUTHORED, Stage.REVIEW)  # on its way


def promises(table: str) -> tuple[Index, ...]:
    """One record in force and one on its way for each graduate: no race gets past the guards."""
    on_its_way = text(sql_in(*OPEN))
    return (
        Index(f"uq_{table}_approved", "graduate_id", unique=True, postgresql_where=text(sql_in(Stage.IN_FORCE))),
        Index(f"uq_{table}_open", "graduate_id", unique=True, postgresql_where=on_its_way),
        *scope_indexes(table),
    )


class HouseholdMixin(ReviewedMixin):
    """What both registrations share. `data` has the type of transfer and the fields that it asks for."""

    # Fields that were copied from the unit's letter when the record was last written: the graduate cannot change them.
    copied: Mapped[list[str]] = mapped_column(ARRAY(String(16)), default=list, server_default="{}")


def model_of(kind: str) -> Any:
    """The table of a kind (archive, hukou)."""
    return registry.get(kind).model


class RecordCursor(Model):
    """How far the changes that were made in the employment system have been read, by school and cohort."""

    __tablename__ = "household_cursors"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    read_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    # [exam number, kind] of removed graduates: what was changed is read again when they are back.
    held: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    # "exam number kind" -> why a change could not be taken over
    problems: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
