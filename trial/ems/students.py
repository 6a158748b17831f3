"""Students on the rosters: read, write, remove, restore, many at once; the only writers of these tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, Row, func, or_, select, text, update

from trial.ems.checks import MAX_BATCH, check_key, check_student
from trial.ems.fields import DAYS, STUDENT_FIELDS
from trial.ems.refusals import Refusal
from trial.ems.rosters import lock_roster, next_changes
from trial.ems.schema import record, student

Key = tuple[str, int, str]

_COLUMNS = ", ".join(STUDENT_FIELDS)
_TYPED = ", ".join(f"{field} {'date' if field in DAYS else 'text'}" for field in STUDENT_FIELDS)
_DIFFERS = " OR ".join(f"student.{field} IS DISTINCT FROM excluded.{field}" for field in STUDENT_FIELDS)
_UPSERT = text(
    f"""
    INSERT INTO student (school_code, cohort, exam_number, change, {_COLUMNS})
    SELECT :school, :cohort, r.exam_number, :base + r.place, {", ".join("r." + f for f in STUDENT_FIELDS)}
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
           place bigint, exam_number text, {_TYPED})
     ORDER BY r.exam_number
    ON CONFLICT (school_code, cohort, exam_number) DO UPDATE
       SET {", ".join(f"{f} = excluded.{f}" for f in STUDENT_FIELDS)},
           change = excluded.change, updated_at = now(), removed_at = NULL,
           restored_at = CASE WHEN student.removed_at IS NULL THEN student.restored_at ELSE now() END
     WHERE student.removed_at IS NOT NULL OR {_DIFFERS}
    RETURNING (xmax = 0) AS is_new
    """  # noqa: S608 - column names of our own schema only
)


def read_student(connection: Connection, key: Key) -> Row[Any]:
    """The student's row, removed ones included; 404 when it was never uploaded."""
    row = connection.execute(select(student).where(*_is(key))).one_or_none()
    if row is None:
        raise Refusal(404, "unknown_student", _("There is no such student on any roster."))
    return row


def read_with_destination(connection: Connection, key: Key) -> Row[Any]:
    """The student's row and what is reported as destination, in one statement."""
    joined = student.outerjoin(record, (record.c.student_id == student.c.id) & (record.c.kind == "destination"))
    query = select(student, record.c.data, record.c.reported_at, record.c.sequence).select_from(joined)
    row = connection.execute(query.where(*_is(key))).one_or_none()
    if row is None:
        raise Refusal(404, "unknown_student", _("There is no such student on any roster."))
    return row


def upload_students(
    connection: Connection, school: str, cohort: int, rows: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Add, change or bring back up to 1000 students: all of them or none.

    Returns how many were new, changed (or brought back) and unchanged.
    Raises Refusal 413 on a longer batch, 422 with the row's place and exam number on wrong fields.
    """
    checked = _check_rows(school, cohort, rows)
    lock_roster(connection, school, cohort)
    base = next_changes(connection, school, cohort, len(checked))
    written = connection.execute(
        _UPSERT, {"school": school, "cohort": cohort, "base": base, "rows": json.dumps(checked)}
    ).all()
    new = sum(1 for row in written if row.is_new)
    return {"new": new, "changed": len(written) - new, "unchanged": len(checked) - len(written)}


def change_student(connection: Connection, key: Key, data: Mapping[str, Any]) -> Row[Any]:
    """Change some fields of a student on the roster; 409 when the student has been removed."""
    values = check_student(data, partial=True)
    lock_roster(connection, key[0], key[1])
    row = read_student(connection, key)
    if row.removed_at is not None:
        raise Refusal(409, "removed", _("The student has been removed from the roster. Please upload again first."))
    if any(getattr(row, field) != value for field, value in values.items()):
        _write(connection, key, **values)
    return read_student(connection, key)


def remove_student(connection: Connection, key: Key) -> Row[Any]:
    """Take the student off the roster and keep the row; doing it twice changes nothing."""
    lock_roster(connection, key[0], key[1])
    if read_student(connection, key).removed_at is None:
        _write(connection, key, removed_at=func.now())
    return read_student(connection, key)


def restore_student(connection: Connection, key: Key) -> Row[Any]:
    """Upload the kept row again; doing it twice changes nothing."""
    lock_roster(connection, key[0], key[1])
    if read_student(connection, key).removed_at is not None:
        _write(connection, key, removed_at=None, restored_at=func.now())
    return read_student(connection, key)


def remove_students(connection: Connection, school: str, cohort: int, exam_numbers: Sequence[Any]) -> int:
    """Take many off the roster at once; 409 once the school's signing switch is open. Returns how many."""
    if not all(isinstance(number, str) for number in exam_numbers):
        raise Refusal(400, "malformed", _("The request is not a JSON object."))
    if len(exam_numbers) > MAX_BATCH:
        raise Refusal(413, "too_large", _("At most %(count)s students at once.", count=MAX_BATCH))
    if lock_roster(connection, school, cohort).switch_open:
        raise Refusal(
            409,
            "switch_open",
            _("The school has opened online signing: students can only be removed one by one."),
        )
    chosen = connection.scalars(
        select(student.c.exam_number)
        .where(student.c.school_code == school, student.c.cohort == cohort, student.c.removed_at.is_(None))
        .where(student.c.exam_number.in_(exam_numbers))
        .order_by(student.c.exam_number)
    ).all()
    for exam_number in chosen:
        _write(connection, (school, cohort, exam_number), removed_at=func.now())
    return len(chosen)


def changed_students(
    connection: Connection, school: str, cohort: int, updated_since: int, limit: int
) -> tuple[Sequence[Row[Any]], int, bool]:
    """Rows changed after the cursor in the order of change, the next cursor, and whether there are more."""
    rows = connection.execute(
        select(student)
        .where(student.c.school_code == school, student.c.cohort == cohort, student.c.change > updated_since)
        .order_by(student.c.change)
        .limit(limit + 1)
    ).all()
    page = rows[:limit]
    return page, (page[-1].change if page else updated_since), len(rows) > limit


def find_students(
    connection: Connection, school: str, cohort: int, removed: bool, words: str, page: int, size: int
) -> tuple[Sequence[Row[Any]], int]:
    """One page of a roster for the pages, searched by name or number, and the number of matches."""
    where = [
        student.c.school_code == school,
        student.c.cohort == cohort,
        student.c.removed_at.is_not(None) if removed else student.c.removed_at.is_(None),
    ]
    if words:
        numbers = (student.c.exam_number, student.c.student_number)
        where.append(
            or_(
                student.c.name.contains(words, autoescape=True),
                *(n.startswith(words, autoescape=True) for n in numbers),
            )
        )
    count = connection.scalar(select(func.count()).select_from(student).where(*where)) or 0
    joined = student.outerjoin(record, (record.c.student_id == student.c.id) & (record.c.kind == "destination"))
    rows = connection.execute(
        select(student, record.c.data)
        .select_from(joined)
        .where(*where)
        .order_by(student.c.exam_number)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    return rows, count


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with days as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def student_shape(row: Row[Any]) -> dict[str, Any]:
    """A student as the interface shows it."""
    values = as_json({field: getattr(row, field) for field in STUDENT_FIELDS})
    return {
        "school": row.school_code,
        "cohort": row.cohort,
        "exam_number": row.exam_number,
        **values,
        "removed": row.removed_at is not None,
        "removed_at": row.removed_at.isoformat() if row.removed_at else None,
        "updated_at": row.updated_at.isoformat(),
        "change": row.change,
    }


def _is(key: Key) -> tuple[Any, ...]:
    return student.c.school_code == key[0], student.c.cohort == key[1], student.c.exam_number == key[2]


def _write(connection: Connection, key: Key, **values: Any) -> None:
    change = next_changes(connection, key[0], key[1], 1) + 1
    connection.execute(update(student).where(*_is(key)).values(change=change, updated_at=func.now(), **values))


def _check_rows(school: str, cohort: int, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) > MAX_BATCH:
        raise Refusal(413, "too_large", _("At most %(count)s students at once.", count=MAX_BATCH))
    errors: dict[str, list[str]] = {}
    checked: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(rows, start=1):
        try:
            exam_number = _own_key(school, cohort, row)
            if exam_number in checked:
                raise Refusal(422, "invalid", _("The exam number appears twice in this batch."))
            values = check_student(row)
        except Refusal as refusal:
            where = f"{place}" if refusal.status == 404 else f"{place}:{row.get('exam_number')}"
            texts = [f"{field}: {word}" for field, words in refusal.errors.items() for word in words]
            errors[where[:60]] = texts or [refusal.message]
            continue
        checked[exam_number] = {**as_json(values), "exam_number": exam_number, "place": place}
    if errors:
        raise Refusal(422, "invalid", _("Some fields are missing or wrong."), dict(list(errors.items())[:50]))
    return list(checked.values())


def _own_key(school: str, cohort: int, row: Any) -> str:
    if not isinstance(row, Mapping):
        raise Refusal(404, "malformed", _("This is not right."))
    named = check_key(str(row.get("school", school)), row.get("cohort", cohort), str(row.get("exam_number", "")))
    if named[:2] != (school, cohort):
        raise Refusal(422, "invalid", _("The student belongs to another school or cohort."))
    return named[2]
