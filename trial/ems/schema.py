"""The stand-in's own tables: schools, rosters, students, reported records, answered requests."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from trial.ems.fields import DAYS, REQUIRED, STUDENT_FIELDS

metadata = MetaData()

school = Table(
    "school",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", String(200), nullable=False, server_default=""),
)

# One row per school and cohort. `last_change` numbers the changes of its students; a writer holds this
# row until it commits, so numbers become visible in order and a reader's cursor can never skip one.
roster = Table(
    "roster",
    metadata,
    Column("school_code", ForeignKey("school.code"), primary_key=True),
    Column("cohort", Integer, primary_key=True),
    Column("last_change", BigInteger, nullable=False, server_default="0"),
    Column("switch_open", Boolean, nullable=False, server_default=text("false")),
    Column("switch_sequence", BigInteger, nullable=False, server_default="0"),
    Column("switched_at", DateTime(timezone=True)),
)

student = Table(
    "student",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("school_code", String(20), nullable=False),
    Column("cohort", Integer, nullable=False),
    Column("exam_number", String(20), nullable=False),
    *(Column(name, Date if name in DAYS else Text, nullable=name not in REQUIRED) for name in STUDENT_FIELDS),
    Column("removed_at", DateTime(timezone=True)),
    Column("restored_at", DateTime(timezone=True)),
    Column("change", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("school_code", "cohort", "exam_number"),
    Index("ix_student_change", "school_code", "cohort", "change"),
)

# What is reported about a student now: one row per kind (destination, archive, hukou).
record = Table(
    "record",
    metadata,
    Column("student_id", ForeignKey("student.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('destination', 'archive', 'hukou')", name="record_kind_known"),
)

# Every report that took effect, so that "exactly once" can be seen and shown.
record_history = Table(
    "record_history",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("student_id", ForeignKey("student.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("student_id", "kind", "sequence"),
)

# Archive and hukou records that were edited here. Numbered while the roster's row is held, so that a reader's cursor
# can never skip one; `sequence` is the report of the platform that was edited.
record_edit = Table(
    "record_edit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("school_code", String(20), nullable=False),
    Column("cohort", Integer, nullable=False),
    Column("student_id", ForeignKey("student.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("before", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_record_edit_roster", "school_code", "cohort", "id"),
    Index("ix_record_edit_student", "student_id", "id"),
)

# The answer once given to an Idempotency-Key; the same key never has an effect twice.
answered = Table(
    "answered",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("answer", JSONB),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
)
