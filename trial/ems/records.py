"""What the platform reports about a student: kept once, in order, whatever arrives late or twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from trial.ems.checks import RECORD_KINDS, check_record, check_sequence
from trial.ems.refusals import Refusal
from trial.ems.schema import answered, record, record_history, student
from trial.ems.students import Key, read_student


def check_kind(kind: str) -> str:
    """The kind of record, or 404."""
    if kind not in RECORD_KINDS:
        raise Refusal(404, "unknown_kind", _("There is no such kind of record."))
    return kind


def read_record(connection: Connection, key: Key, kind: str) -> dict[str, Any] | None:
    """What is reported about the student now; None when nothing is."""
    row = connection.execute(
        select(record).where(record.c.student_id == read_student(connection, key).id, record.c.kind == kind)
    ).one_or_none()
    return record_shape(row) if row else None


def report(
    connection: Connection, key: Key, kind: str, body: Mapping[str, Any], idempotency_key: str
) -> dict[str, Any]:
    """Take over a report: `{"sequence": n, "record": {...}}`.

    The same idempotency key gets the same answer and has no second effect. A report whose sequence is not
    above the last one of this student and kind came too late: it is answered, and changes nothing.
    A removed student's report is kept with the row, and is there again when the student comes back.
    Raises Refusal 404 unknown student, 409 the key was used for something else, 422 wrong fields.
    """
    sequence = check_sequence(body.get("sequence"))
    values, reported_at = check_record(kind, body.get("record"))
    digest = _digest(key, kind, body)
    known = _answer_of(connection, idempotency_key, digest)
    if known is not None:
        return {**known, "replayed": True}
    row = read_student(connection, key)
    connection.execute(select(student.c.id).where(student.c.id == row.id).with_for_update())
    applied = _keep(connection, row.id, kind, sequence, values, reported_at)
    answer: dict[str, Any] = {"applied": applied, "sequence": sequence, "removed": row.removed_at is not None}
    if not applied:
        answer["reason"] = "stale"
    connection.execute(update(answered).where(answered.c.key == idempotency_key).values(answer=answer))
    return answer


def history_of(connection: Connection, student_id: int) -> list[Row[Any]]:
    """Every report that took effect, the latest first."""
    query = select(record_history).where(record_history.c.student_id == student_id)
    return list(connection.execute(query.order_by(record_history.c.id.desc()).limit(200)).all())


def record_shape(row: Row[Any]) -> dict[str, Any]:
    """A reported record as the interface shows it."""
    return {**row.data, "reported_at": row.reported_at.isoformat(), "sequence": row.sequence}


def _digest(key: Key, kind: str, body: Mapping[str, Any]) -> str:
    told = json.dumps([key, kind, body], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _answer_of(connection: Connection, idempotency_key: str, digest: str) -> dict[str, Any] | None:
    # A second call with the same key waits here until the first one has committed or given up.
    command = insert(answered).values(key=idempotency_key, digest=digest).on_conflict_do_nothing()
    if connection.scalar(command.returning(answered.c.key)) is not None:
        return None
    row = connection.execute(select(answered).where(answered.c.key == idempotency_key)).one()
    if row.digest != digest:
        raise Refusal(409, "key_reused", _("This idempotency key was already used for another report."))
    return dict(row.answer or {})


def _keep(
    connection: Connection,
    student_id: int,
    kind: str,
    sequence: int,
    values: dict[str, Any],
    reported_at: Any,
) -> bool:
    new = {
        "sequence": sequence,
        "data": values,
        "reported_at": reported_at or func.now(),
        "received_at": func.now(),
    }
    command = insert(record).values(student_id=student_id, kind=kind, **new)
    command = command.on_conflict_do_update(
        index_elements=["student_id", "kind"], set_=new, where=record.c.sequence < sequence
    )
    if connection.scalar(command.returning(record.c.sequence)) is None:
        return False
    connection.execute(insert(record_history).values(student_id=student_id, kind=kind, sequence=sequence, data=values))
    return True
