"""Tables of the engine: what every case carries, the history with its chain, the outbox, long jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    or_,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedBytes, EncryptedJson
from app.workflow.waiting import PLATFORM

Timestamp = DateTime(timezone=True)


def _reference(table: str, **options: Any) -> Any:
    return declared_attr(lambda cls: mapped_column(ForeignKey(f"{table}.id"), **options))


class BareCaseMixin:
    """What the engine needs of every case. State, stage and who has to act are written by the engine alone."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str] = mapped_column(String(32))
    # What kind of place the state is and which kind of account has to act, as its table says.
    stage: Mapped[str] = mapped_column(String(8))
    waits_for: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer, default=1)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    invalid_since: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    state_since: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    # Until when somebody has to act, when the clock looks at it again, how often it has reminded; the engine's as well.
    due_at: Mapped[datetime | None] = mapped_column(Timestamp)
    next_at: Mapped[datetime | None] = mapped_column(Timestamp)
    reminded: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")

    workflow_name = ""
    employer_may_see = False
    follows_roster = True  # whether it becomes 失效 with its graduate, and moves with them to another department
    # What only some cases have; lists and pages ask all of them.
    graduate: Any = None
    cohort: Any = None
    number: Any = None
    external_id: Any = None

    @property
    def chain(self) -> int:
        """The chain of the history in which this case's steps stand; 0 for cases that belong to no place."""
        return 0

    # The columns that say until when somebody has to act: what an outage lengthens.
    limits: tuple[str, ...] = ("due_at",)

    def moment_due(self, limit: str, at: datetime) -> datetime:
        """When the time is over that began at this moment, by the limit of the case's place; here the platform's."""
        return at + timedelta(days=PLATFORM[limit])


class History(Model):
    """Every transition, for ever (R11.2). Rows are only added; each carries the hash of the one before it."""

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_history_case", "workflow", "case_id", "id"),
        Index(
            "ix_history_reviewer",
            "actor_id",
            "at",
            postgresql_where=text("role IN ('province', 'school', 'department')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    chain: Mapped[int] = mapped_column(BigInteger)  # the school; 0 where there is none
    seq: Mapped[int] = mapped_column(BigInteger)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Timestamp)
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    source: Mapped[str | None] = mapped_column(String(64))
    # By what the actor has shown to be the person, e.g. {"kind": "sms", "sent_to": "138****5678", "at": …}.
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes | None] = mapped_column(LargeBinary)  # rows from before there were seals have none


class HistoryHead(Model):
    """The end of each chain; its row is the lock under which the chain grows."""

    __tablename__ = "history_heads"

    chain: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    sealed_from: Mapped[int] = mapped_column(BigInteger, default=1)  # rows before this one have no seal
    seal: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class OutboxMessage(Model):
    """What has to be told to somebody after a commit: notices, documents, the employment system."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "next_attempt_at", postgresql_where=text("status = 'queued'")),
        Index(
            "ix_outbox_order",
            "order_key",
            "id",
            postgresql_where=text("status <> 'done' AND order_key IS NOT NULL"),
        ),
        Index("ix_outbox_kind", "kind", "id"),
        Index("ix_outbox_failed", "kind", "id", postgresql_where=text("status = 'failed'")),
        Index("ix_outbox_case", "workflow", "case_id"),
        Index("ix_outbox_undo", "undo_id", postgresql_where=text("undo_id IS NOT NULL")),
        {"info": {"sealed_by": ("key",)}},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(128), unique=True)
    order_key: Mapped[str | None] = mapped_column(String(64))
    workflow: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)  # may name people
    status: Mapped[str] = mapped_column(String(8), default="queued")  # queued, done, failed
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    # Messages of a verdict wait until it can no longer be taken back.
    not_before: Mapped[datetime | None] = mapped_column(Timestamp)
    undo_id: Mapped[int | None] = mapped_column(BigInteger)
    # The mark of a try whose end nobody has written down: what was to go outside may have gone (app.workflow.outside).
    begun: Mapped[str | None] = mapped_column(String(32))
    # The last failure as data (app.base.failures) for what explains it, and as it came for who looks for its cause.
    error_code: Mapped[str | None] = mapped_column(String(48))
    error_detail: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Undo(Model):
    """A verdict that can still be taken back, by whom and until when; gone soon after."""

    __tablename__ = "undos"
    __table_args__ = (Index("ix_undos_case", "workflow", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Timestamp)
    until: Mapped[datetime] = mapped_column(Timestamp, index=True)


class UndoImage(Model):
    """A row that a verdict has changed, as stored: before it and after it. Written by a trigger of the row's table."""

    __tablename__ = "undo_images"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    undo_id: Mapped[int] = mapped_column(ForeignKey("undos.id", ondelete="CASCADE"), index=True)
    place: Mapped[str] = mapped_column(String(64))  # the table
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Event(Model):
    """What other systems are told of a transition; it names nobody. Its id is given when it is told (events.py)."""

    __tablename__ = "events"
    __table_args__ = tuple(
        Index(f"ix_events_{one}", f"{one}_id", "id") for one in ("province", "school", "department", "employer")
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    external_id: Mapped[str | None] = mapped_column(String(64))
    graduate_id: Mapped[int | None] = mapped_column(BigInteger)
    province_id: Mapped[int | None] = mapped_column(BigInteger)
    school_id: Mapped[int | None] = mapped_column(BigInteger)
    department_id: Mapped[int | None] = mapped_column(BigInteger)
    level: Mapped[str | None] = mapped_column(String(16))
    employer_id: Mapped[int | None] = mapped_column(BigInteger)  # where units may see records of this kind

    employer_may_see = True

    @classmethod
    def shown_to(cls, kind: str) -> ColumnElement[bool]:
        """As the record itself is: some are shown to a kind of reader only from a certain step on."""
        from app.workflow.registry import all_workflows

        parts = [
            or_(cls.workflow != one.name, exists().where(one.model.id == cls.case_id, one.model.shown_to(kind)))
            for one in all_workflows()
            if hasattr(one.model, "shown_to")
        ]
        return and_(true(), *parts)


class Job(Model):
    """Work of many items that takes longer than a request may; `done` counts the items with an outcome."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_open", "touched_at", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_jobs_employer", "employer_id", "kind", "id"),
        Index("ix_jobs_user", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    employer_id: Mapped[int | None] = _reference("employers", nullable=True)
    school_id: Mapped[int | None] = _reference("schools", nullable=True)
    ip: Mapped[str | None] = mapped_column(String(64))
    key_id: Mapped[int | None] = mapped_column(
        BigInteger
    )  # the API key that began it: its work stays within the scopes
    state: Mapped[str] = mapped_column(String(8), default="queued")  # queued, running, done, failed
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    touched_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)  # when a worker last got on with it
    finished_at: Mapped[datetime | None] = mapped_column(Timestamp)


class JobItem(Model):
    """One item of a job; its outcome is written in the transaction of its effect, so it is done once or not at all."""

    __tablename__ = "job_items"
    __table_args__ = (
        UniqueConstraint("job_id", "position"),
        Index("ix_job_items_open", "job_id", "position", postgresql_where=text("outcome IS NULL")),
        {"info": {"sealed_by": ("job_id", "position")}},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)  # may name people
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class JobFile(Model):
    """The file that a job has made, for who asked for it alone; written in the transaction that ends the job."""

    __tablename__ = "job_files"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(EncryptedBytes)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now, index=True)
