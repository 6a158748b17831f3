"""The roster: graduates as the employment management system names them, and the claim that binds one."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, foreign, joinedload, mapped_column, relationship

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedBytes, EncryptedJson, EncryptedText
from app.codes.fields import Field, Kind
from app.codes.graduate_fields import columns
from app.schools.models import Department, School
from app.workflow.models import Timestamp

# Counts leave out the removed ones, figures group them, lists are narrowed: with these columns an index answers alone.
_COUNTED = ["invalid_since"]
_LISTED = [*_COUNTED, "province_id", "department_id", "level", "education", "major", "student_number", "name"]


class FieldColumns:
    """A column for each field, and a blind index beside those that are encrypted and searched."""


def _type(field: Field) -> Any:
    if field.encrypted:
        return EncryptedText
    return {Kind.DAY: Date, Kind.YEAR: Integer}.get(field.kind) or String(field.most)


for _field in columns():
    setattr(FieldColumns, _field.name, mapped_column(_type(_field), nullable=_field.may_be_null))
    if _field.indexed:
        setattr(FieldColumns, _field.index_name, mapped_column(LargeBinary, nullable=_field.may_be_null))


class Graduate(FieldColumns, Model):
    """One roster row: a student of a school and cohort. A person who studies twice has two (R1.10)."""

    __tablename__ = "graduates"
    __table_args__ = (
        UniqueConstraint("school_id", "cohort", "exam_number"),
        # One promise for all three: the department is of this school, the school of this province.
        ForeignKeyConstraint(
            ["department_id", "school_id", "province_id"],
            ["departments.id", "departments.school_id", "departments.province_id"],
        ),
        *(Index(f"ix_graduates_{field.name}", field.index_name) for field in columns() if field.indexed),
        Index("ix_graduates_school", "school_id", "cohort", "id", postgresql_include=_LISTED),
        Index("ix_graduates_department", "department_id", "cohort", "id", postgresql_include=_COUNTED),
        Index("ix_graduates_province", "province_id", "cohort", "id", postgresql_include=_COUNTED),
        Index("ix_graduates_name_characters", text("string_to_array(name, NULL)"), postgresql_using="gin"),
        Index("ix_graduates_removed", "school_id", "cohort", postgresql_where=text("invalid_since IS NOT NULL")),
    )
    graduate_scope_column = "id"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(BigInteger)
    school_id: Mapped[int] = mapped_column(BigInteger)
    department_id: Mapped[int] = mapped_column(BigInteger)
    level: Mapped[str] = mapped_column(String(16))
    if TYPE_CHECKING:  # the fields of the list that code calls by name
        cohort: Mapped[int]
        exam_number: Mapped[str]
        student_number: Mapped[str]
        name: Mapped[str]
        sex: Mapped[str]
        id_number: Mapped[str]
        id_type: Mapped[str]
        id_number_index: Mapped[bytes]
        ethnicity: Mapped[str]
        political_status: Mapped[str]
        major: Mapped[str]
        education: Mapped[str]
        duration: Mapped[str]
        training_mode: Mapped[str]
        study_form: Mapped[str | None]
        origin_kind: Mapped[str | None]
        direction: Mapped[str | None]
        major_code: Mapped[str | None]
        enrolled_in: Mapped[str | None]
        commissioned_by: Mapped[str | None]
        graduated_on: Mapped[date]
        origin_region: Mapped[str]
        mobile: Mapped[str | None]
        email: Mapped[str | None]
        address: Mapped[str | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    reported_wrong_at: Mapped[datetime | None] = mapped_column(Timestamp)
    invalid_since: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now, server_default=func.clock_timestamp())
    # By the database's clock alone: an import asks whether somebody has changed the row since it looked.
    updated_at: Mapped[datetime] = mapped_column(
        Timestamp, server_default=func.clock_timestamp(), onupdate=func.clock_timestamp()
    )

    school: Mapped[School] = relationship(primaryjoin=lambda: foreign(Graduate.school_id) == School.id, lazy="raise")
    department: Mapped[Department] = relationship(
        primaryjoin=lambda: foreign(Graduate.department_id) == Department.id, lazy="raise"
    )
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


IN_REVIEW, IN_FORCE = "review", "in_force"  # kinds of a claim: only its end releases the graduate from one in force


class Claim(Model):
    """What a graduate is bound to now: at most one row each, so no race gets past one-at-a-time."""

    __tablename__ = "claims"

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduates.id"), primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))  # may it still be withdrawn?
    # What is reviewed to take the place of what is in force, which stays so until then.
    next_workflow: Mapped[str | None] = mapped_column(String(32))
    next_id: Mapped[int | None] = mapped_column(BigInteger)


CHECKING, READY, REFUSED, COMMITTED, UNDONE = "checking", "ready", "refused", "committed", "undone"
BATCH_STATES = (CHECKING, READY, REFUSED, COMMITTED, UNDONE)


class RosterBatch(Model):
    """One uploaded sheet: checked first, then written whole or not at all, and taken back while nothing hangs on it."""

    __tablename__ = "roster_batches"
    __table_args__ = (
        CheckConstraint(f"state IN {BATCH_STATES}", name="state"),
        Index("ix_roster_batches_school", "school_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    level: Mapped[str] = mapped_column(String(16))  # of the account that uploaded: it brings only its level (R1.5)
    state: Mapped[str] = mapped_column(String(12), default=CHECKING)
    file_name: Mapped[str] = mapped_column(String(128))
    sheet: Mapped[bytes | None] = mapped_column(EncryptedBytes, deferred=True)  # until it has been checked
    rows: Mapped[int] = mapped_column(Integer, default=0)
    new: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    error_count: Mapped[int] = mapped_column(Integer, default=0)
    wrong_rows: Mapped[int] = mapped_column(Integer, default=0)
    warning_count: Mapped[int] = mapped_column(Integer, default=0)
    # What people typed wrong may be anything, an ID number in the next column for one.
    errors: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson, default=list)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson, default=list)
    departments: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list)  # [id, name] of those it would add
    uploaded_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    checked_at: Mapped[datetime | None] = mapped_column(Timestamp)
    committed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    committed_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[datetime | None] = mapped_column(Timestamp)
    undone_by: Mapped[str | None] = mapped_column(String(64))

    school: Mapped[School] = relationship(lazy="raise")


NEW, CHANGED = "new", "changed"


class BatchPart(Model):
    """Up to a thousand checked rows of a batch, ready to be streamed into the roster, encrypted as a whole."""

    __tablename__ = "roster_batch_parts"
    __table_args__ = (
        UniqueConstraint("batch_id", "kind", "number"),
        {"info": {"sealed_by": ("batch_id", "kind", "number")}},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("roster_batches.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column(Integer)
    sheet_rows: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    graduate_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    after: Mapped[str | None] = mapped_column(EncryptedText)  # rows as COPY takes them, until committed
    before: Mapped[str | None] = mapped_column(EncryptedText)  # of changed ones: the same rows as they were
    # Of changed ones: which fields differ, [field, before, after] a row, for people.
    differences: Mapped[list[Any] | None] = mapped_column(EncryptedJson)


class RosterCursor(Model):
    """How far the roster of a school and cohort has been read from the employment system."""

    __tablename__ = "roster_cursors"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    read_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    # exam number -> why that student could not be taken over as the employment system has it
    problems: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
