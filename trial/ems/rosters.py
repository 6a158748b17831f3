"""Schools and their rosters by cohort: the signing switch, the numbering of changes, what there is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, Row, Subquery, func, select, update
from sqlalchemy.dialects.postgresql import insert

from trial.ems.refusals import Refusal
from trial.ems.schema import record_edit, roster, school, student


def name_school(connection: Connection, code: str, name: Any) -> None:
    """Add a school or change its name."""
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 200:
        raise Refusal(422, "invalid", _("Some fields are missing or wrong."), {"name": [str(_("This is not right."))]})
    command = insert(school).values(code=code, name=name.strip())
    connection.execute(command.on_conflict_do_update(index_elements=["code"], set_={"name": command.excluded.name}))


def lock_roster(connection: Connection, school_code: str, cohort: int) -> Row[Any]:
    """The roster's row, made where it is missing, held until the end of the transaction."""
    where = (roster.c.school_code == school_code, roster.c.cohort == cohort)
    query = select(roster).where(*where).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        connection.execute(insert(school).values(code=school_code).on_conflict_do_nothing())
        connection.execute(insert(roster).values(school_code=school_code, cohort=cohort).on_conflict_do_nothing())
        row = connection.execute(query).one()
    return row


def next_changes(connection: Connection, school_code: str, cohort: int, count: int) -> int:
    """Take `count` change numbers; returns the one before the first of them."""
    last = connection.scalar(
        update(roster)
        .where(roster.c.school_code == school_code, roster.c.cohort == cohort)
        .values(last_change=roster.c.last_change + count)
        .returning(roster.c.last_change)
    )
    return int(last or 0) - count


def turn_switch(
    connection: Connection, school_code: str, cohort: int, is_open: Any, sequence: int | None
) -> tuple[Row[Any], bool]:
    """Note whether the school has opened signing; an older `sequence` than the last one is ignored.

    Returns the roster's row and whether the call took effect.
    """
    if not isinstance(is_open, bool):
        raise Refusal(422, "invalid", _("Some fields are missing or wrong."), {"open": [str(_("This is not right."))]})
    row = lock_roster(connection, school_code, cohort)
    if sequence is not None and sequence <= row.switch_sequence:
        return row, False
    connection.execute(
        update(roster)
        .where(roster.c.school_code == school_code, roster.c.cohort == cohort)
        .values(switch_open=is_open, switch_sequence=sequence or row.switch_sequence, switched_at=func.now())
    )
    return lock_roster(connection, school_code, cohort), True


def read_roster(connection: Connection, school_code: str, cohort: int) -> Row[Any]:
    """The roster with the school's name; 404 when there is none."""
    row = connection.execute(
        select(roster, school.c.name.label("school_name"))
        .join(school)
        .where(roster.c.school_code == school_code, roster.c.cohort == cohort)
    ).one_or_none()
    if row is None:
        raise Refusal(404, "unknown_roster", _("There is no such school or cohort."))
    return row


def all_rosters(connection: Connection) -> list[Row[Any]]:
    """Every roster with its school's name and how many students are on it and were removed."""
    counts = (
        select(
            student.c.school_code,
            student.c.cohort,
            func.count().filter(student.c.removed_at.is_(None)).label("present"),
            func.count(student.c.removed_at).label("removed"),
        )
        .group_by(student.c.school_code, student.c.cohort)
        .subquery()
    )
    edited = _edited()
    query = (
        select(
            roster,
            school.c.name.label("school_name"),
            func.coalesce(edited.c.last_edit, 0).label("last_edit"),
            func.coalesce(counts.c.present, 0).label("present"),
            func.coalesce(counts.c.removed, 0).label("removed"),
        )
        .join(school)
        .outerjoin(counts, (counts.c.school_code == roster.c.school_code) & (counts.c.cohort == roster.c.cohort))
        .outerjoin(edited, (edited.c.school_code == roster.c.school_code) & (edited.c.cohort == roster.c.cohort))
        .order_by(roster.c.school_code, roster.c.cohort.desc())
    )
    return list(connection.execute(query).all())


def _edited() -> Subquery:
    """How far the records of each roster have been edited here."""
    last = func.max(record_edit.c.id).label("last_edit")
    query = select(record_edit.c.school_code, record_edit.c.cohort, last)
    return query.group_by(record_edit.c.school_code, record_edit.c.cohort).subquery()
