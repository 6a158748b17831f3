"""Tables of the reference data, and the version row that tells every process to read them anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model


class EditableMixin:
    """Valid on which days, which shipped row it came from, and whether an operator has changed it since."""

    valid_from: Mapped[date | None] = mapped_column(Date)  # None: always was
    valid_to: Mapped[date | None] = mapped_column(Date)  # the last valid day; None: still is
    source: Mapped[str | None] = mapped_column(String(16))  # checksum as shipped; None: an operator's
    edited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    edited_by: Mapped[str | None] = mapped_column(String(64))

    def is_valid_on(self, day: date) -> bool:
        """Whether `day` lies within valid_from and valid_to, both included."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class CodeEntry(EditableMixin, Model):
    """One line of one code table; the same code may stand several times, for times that do not overlap."""

    __tablename__ = "code_entries"
    __table_args__ = (
        UniqueConstraint("code_table", "code", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("code <> '' AND label <> ''", name="filled"),
        CheckConstraint("valid_to >= valid_from", name="days"),
        Index("ix_code_entries_position", "code_table", "position"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code_table: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(32))  # text: "01" is not "1"
    label: Mapped[str] = mapped_column(String(128))
    parent: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(Integer, default=0)
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # columns of one table alone

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class Region(EditableMixin, Model):
    """A province, city or county. Abolished ones stay, with valid_to: cards and old records keep them."""

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{6}$' AND name <> ''", name="filled"),
        CheckConstraint("level IN ('province', 'city', 'county')", name="level"),
        CheckConstraint("valid_to >= valid_from", name="days"),
    )

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    parent: Mapped[str | None] = mapped_column(String(6), index=True)
    level: Mapped[str] = mapped_column(String(8))
    is_placeholder: Mapped[bool] = mapped_column(Boolean, default=False)  # only the numbering needs it
    full_name: Mapped[str] = mapped_column(String(192))
    note: Mapped[str] = mapped_column(Text, default="")

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"


class University(EditableMixin, Model):
    """An institution of the national list, as reference; the schools that take part are another table."""

    __tablename__ = "universities"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{5}$' AND name <> ''", name="filled"),
        CheckConstraint("valid_to >= valid_from", name="days"),
    )

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(10), unique=True)  # its last five digits are the code
    name: Mapped[str] = mapped_column(String(64), index=True)
    province: Mapped[str] = mapped_column(String(6), index=True)
    city: Mapped[str] = mapped_column(String(64), default="")
    authority: Mapped[str] = mapped_column(String(64), default="")
    level: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CodesVersion(Model):
    """One row that changes with every edit: each process compares it with what it holds in memory."""

    __tablename__ = "codes_version"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)  # random: a count could come up twice after a rollback
