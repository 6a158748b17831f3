"""The roster: graduates as the employment management system names them, and the claim that binds one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import clock
from app.crypto import EncryptedText
from app.database import Model
from app.schools.models import Department, School
from app.workflow.models import Timestamp

# Counts leave out the removed ones; with this column the index alone answers them.
_COUNTS: dict[str, Any] = {"postgresql_include": ["invalid_since"]}


class Graduate(Model):
    """One roster row: a student of a school and cohort. A person who studies twice has two (R1.10)."""

    __tablename__ = "graduates"
    __table_args__ = (
        UniqueConstraint("school_id", "cohort", "exam_number"),
        Index("ix_graduates_id_number", "id_number_index"),
        Index("ix_graduates_school", "school_id", "cohort", "id", **_COUNTS),
        Index("ix_graduates_department", "department_id", "cohort", "id", **_COUNTS),
        Index("ix_graduates_province", "province_id", "cohort", "id", **_COUNTS),
        Index("ix_graduates_name_characters", text("string_to_array(name, NULL)"), postgresql_using="gin"),
        Index("ix_graduates_removed", "school_id", "cohort", postgresql_where=text("invalid_since IS NOT NULL")),
    )
    graduate_scope_column = "id"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    level: Mapped[str] = mapped_column(String(16))
    cohort: Mapped[int] = mapped_column(Integer)
    exam_number: Mapped[str] = mapped_column(String(20))
    student_number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(64))
    sex: Mapped[str] = mapped_column(String(1))
    id_number: Mapped[str] = mapped_column(EncryptedText)
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    ethnicity: Mapped[str] = mapped_column(String(2))
    political_status: Mapped[str] = mapped_column(String(2))
    major: Mapped[str] = mapped_column(String(64))
    education: Mapped[str] = mapped_column(String(2))
    duration: Mapped[str] = mapped_column(String(4))
    training_mode: Mapped[str] = mapped_column(String(2))
    graduated_on: Mapped[date] = mapped_column(Date)
    origin_region: Mapped[str] = mapped_column(String(6))
    hardship: Mapped[str] = mapped_column(String(1))
    normal_student: Mapped[str] = mapped_column(String(2))
    mobile: Mapped[str | None] = mapped_column(EncryptedText)
    email: Mapped[str | None] = mapped_column(String(128))
    address: Mapped[str | None] = mapped_column(String(128))
    confirmed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    reported_wrong_at: Mapped[datetime | None] = mapped_column(Timestamp)
    invalid_since: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)

    school: Mapped[School] = relationship(lazy="raise")
    department: Mapped[Department] = relationship(lazy="raise")
    claim: Mapped[Claim | None] = relationship(lazy="raise", viewonly=True, uselist=False)

    @staticmethod
    def eager_options() -> tuple[Any, ...]:
        """School, province, department and claim with the same statement."""
        return (
            joinedload(Graduate.school, innerjoin=True),
            joinedload(Graduate.department, innerjoin=True),
            joinedload(Graduate.claim),
        )

    def __str__(self) -> str:
        return self.name


class Claim(Model):
    """What a graduate is bound to now: at most one row each, so no race gets past one-at-a-time."""

    __tablename__ = "claims"

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduates.id"), primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))  # review or in_force: may it still be withdrawn?
