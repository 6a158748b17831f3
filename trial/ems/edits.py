"""Archive and hukou records as people change them here; the platform reads what was changed (contract, rule 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, Row, insert, select, update

from trial.ems.checks import check_record
from trial.ems.refusals import Refusal
from trial.ems.rosters import lock_roster
from trial.ems.schema import record, record_edit, student
from trial.ems.students import Key, read_student

EDITABLE = ("archive", "hukou")


def check_editable(kind: str) -> str:
    """The kind of a record that may be edited here, or 404: a destination may not."""
    if kind not in EDITABLE:
        raise Refusal(404, "unknown_kind", _("There is no such kind of record."))
    return kind


def held_records(connection: Connection, student_id: int) -> dict[str, Row[Any]]:
    """The archive and hukou records of a student, by kind."""
    query = select(record).where(record.c.student_id == student_id, record.c.kind.in_(EDITABLE))
    return {row.kind: row for row in connection.execute(query)}


def edit_record(connection: Connection, key: Key, kind: str, data: Mapping[str, Any]) -> bool:
    """Change a reported archive or hukou record; returns whether anything changed.

    Raises Refusal 404 nothing is reported, 409 removed student, 422 wrong fields.
    """
    values, _at = check_record(check_editable(kind), data)
    lock_roster(connection, key[0], key[1])
    row = read_student(connection, key)
    if row.removed_at is not None:
        raise Refusal(409, "removed", _("The student has been removed from the roster. Please upload again first."))
    where = (record.c.student_id == row.id, record.c.kind == kind)
    held = connection.execute(select(record).where(*where).with_for_update()).one_or_none()
    if held is None:
        raise Refusal(404, "nothing_reported", _("Nothing has been reported for this student yet."))
    if held.data == values:
        return False
    connection.execute(update(record).where(*where).values(data=values))
    connection.execute(
        insert(record_edit).values(
            school_code=key[0],
            cohort=key[1],
            student_id=row.id,
            kind=kind,
            sequence=held.sequence,
            data=values,
            before=held.data,
        )
    )
    return True


def edits_after(
    connection: Connection, school: str, cohort: int, after: int, limit: int
) -> tuple[Sequence[Row[Any]], int, bool]:
    """Edits of a roster after the cursor in their order, the next cursor, and whether there are more."""
    rows = connection.execute(
        select(record_edit, student.c.exam_number)
        .join(student, student.c.id == record_edit.c.student_id)
        .where(record_edit.c.school_code == school, record_edit.c.cohort == cohort, record_edit.c.id > after)
        .order_by(record_edit.c.id)
        .limit(limit + 1)
    ).all()
    page = rows[:limit]
    return page, (page[-1].id if page else after), len(rows) > limit


def edit_shape(row: Row[Any]) -> dict[str, Any]:
    """An edit as the interface shows it."""
    return {
        "change": row.id,
        "exam_number": row.exam_number,
        "kind": row.kind,
        "sequence": row.sequence,
        "record": row.data,
        "at": row.at.isoformat(),
    }
