"""A round: first who is on each roster, then whether each report that was delivered is still what is held there.

Nothing is compared of which something of ours is on its way, or theirs has not been read yet: that is no difference.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.base import clock
from app.base.database import session, transaction
from app.ems import by_file
from app.ems.client import ems
from app.ems.destination import FIELDS
from app.ems.messages import UNKNOWN, Destination, EmsRefused, EmsUnavailable, StudentKey
from app.ems.students import key_of_id
from app.reconciliation.models import (
    CHANGED,
    DESTINATION,
    LATER,
    LOST,
    ONLY_HERE,
    ONLY_THERE,
    REMOVED_HERE,
    REMOVED_THERE,
    REPORTS,
    ROSTERS,
    STUDENT,
    Comparison,
    Difference,
)
from app.roster.models import Graduate, RosterCursor
from app.roster.services.pulling import on_their_way
from app.schools.models import Province, School
from app.workflow.models import OutboxMessage

PAGE: Final = 1000
REPORTS_TOGETHER: Final = 100
NIGHT: Final = range(1, 6)  # hours of the day in which a round begins by itself


@dataclass(frozen=True)
class Found:
    """One difference, by the student's place."""

    school_id: int
    cohort: int
    exam_number: str
    graduate_id: int | None
    kind: str
    problem: str
    fields: tuple[str, ...] = ()


def compare_on(seconds: float) -> int:
    """Go on with the round that runs, or begin one when it is night and none has ended today; run by the clock.

    Returns how much was compared. When the other system does not answer, the round says so and the next run goes on.
    """
    limit, done = time.monotonic() + seconds, 0
    with transaction():
        current = _unfinished() or _tonights()
        if current is None:
            return 0
        place = (current.id, current.part, current.place)
    try:
        while place[1]:
            place, count = _step(*place)
            done += count
            if time.monotonic() > limit:
                break
    except (EmsUnavailable, EmsRefused) as error:
        with transaction():
            session.get_one(Comparison, place[0]).problem = str(error)
    return done


def begin_round() -> None:
    """Begin a round now, unless one runs; in the running transaction."""
    if _unfinished() is None:
        session.add(Comparison())


def _unfinished() -> Comparison | None:
    return session.scalar(select(Comparison).where(Comparison.finished_at.is_(None)).order_by(Comparison.id).limit(1))


def _tonights() -> Comparison | None:
    now = clock.now().astimezone(clock.SHANGHAI)
    if now.hour not in NIGHT:
        return None
    last = session.scalar(select(Comparison.begun_at).order_by(Comparison.id.desc()).limit(1))
    if last is not None and clock.day_of(last) == now.date():
        return None
    current = Comparison()
    session.add(current)
    session.flush()
    return current


def _step(round_id: int, part: str, place: str) -> tuple[tuple[int, str, str], int]:
    found, count, following = _rosters(place) if part == ROSTERS else _reports(int(place or 0))
    with transaction():
        for one in found:
            _note(round_id, one)
        current = session.get_one(Comparison, round_id)
        current.part, current.place = (part, following) if following else (REPORTS if part == ROSTERS else "", "")
        current.compared, current.problem = current.compared + count, None
        if not current.part:
            current.finished_at, current.part = clock.now(), REPORTS
            session.execute(delete(Difference).where(Difference.comparison_id < round_id))
            return (round_id, "", ""), count
        return (round_id, current.part, current.place), count


def _note(round_id: int, one: Found) -> None:
    values = {**vars(one), "fields": list(one.fields)}
    seen = {"comparison_id": round_id, "problem": one.problem, "fields": values["fields"], "mended_at": None}
    session.execute(
        insert(Difference)
        .values(**values, comparison_id=round_id, found_at=clock.now())
        .on_conflict_do_update(index_elements=("school_id", "cohort", "exam_number", "kind"), set_=seen)
    )


# Rosters -------------------------------------------------------------------------------------------------------------


def _rosters(place: str) -> tuple[list[Found], int, str]:
    """The roster behind `place`; the third is its place, "" when there was none left."""
    with transaction():
        asked = Province.code.not_in(by_file.provinces())  # of the others nobody can be asked
        schools = select(School.code, School.id, Graduate.cohort).join(Graduate, Graduate.school_id == School.id)
        query = schools.join(Province, Province.id == School.province_id).where(asked).distinct()
        here = {(code, cohort): school_id for code, school_id, cohort in session.execute(query)}
        own = select(School).join(Province, Province.id == School.province_id).where(asked)
        ids = {school.code: school.id for school in session.scalars(own)}
    there = {(one.school, one.cohort): ids[one.school] for one in ems().rosters() if one.school in ids}
    left = sorted(key for key in here | there if _place(*key) > place)
    if not left:
        return [], 0, ""
    code, cohort = left[0]
    found, count = _roster((here | there)[code, cohort], code, cohort)
    return found, count, _place(code, cohort)


def _place(code: str, cohort: int) -> str:
    return f"{code}|{cohort}"


def _roster(school_id: int, code: str, cohort: int) -> tuple[list[Found], int]:
    theirs = dict(_students_there(code, cohort))
    with transaction():
        place = session.get(RosterCursor, (school_id, cohort), populate_existing=True)
        read = place.cursor if place else 0
        query = select(Graduate.exam_number, Graduate.id, Graduate.invalid_since.is_(None))
        rows = session.execute(query.where(Graduate.school_id == school_id, Graduate.cohort == cohort))
        ours = {number: (graduate_id, valid) for number, graduate_id, valid in rows}
        ids, numbers = on_their_way(cohort)
    found = []
    for number in sorted(ours.keys() | theirs.keys()):
        graduate_id, valid = ours.get(number, (None, False))
        removed, change = theirs.get(number, (True, 0))
        if valid is not removed or graduate_id in ids or number in numbers or change > read:
            continue  # the same on both sides, or on its way
        problem = (
            (ONLY_HERE if number not in theirs else REMOVED_THERE)
            if valid
            else (ONLY_THERE if graduate_id is None else REMOVED_HERE)
        )
        found.append(Found(school_id, cohort, number, graduate_id, STUDENT, problem))
    return found, len(ours.keys() | theirs.keys())


def _students_there(code: str, cohort: int) -> Iterator[tuple[str, tuple[bool, int]]]:
    cursor, more = 0, True
    while more:
        try:
            page = ems().changes_since(code, cohort, cursor, PAGE)
        except EmsRefused as refused:
            if refused.code in UNKNOWN:
                return
            raise
        yield from ((one.exam_number, (one.removed, one.change)) for one in page.students)
        cursor, more = page.cursor, page.more


# Reports -------------------------------------------------------------------------------------------------------------


def _reports(last_id: int) -> tuple[list[Found], int, str]:
    """Some of the delivered reports behind that one."""
    with transaction():
        query = select(OutboxMessage).where(
            OutboxMessage.kind == "ems", OutboxMessage.status == "done", OutboxMessage.id > last_id
        )
        rows = session.scalars(query.order_by(OutboxMessage.id).limit(REPORTS_TOGETHER)).all()
        orders = {row.order_key for row in rows}
        waiting = select(OutboxMessage.order_key).where(
            OutboxMessage.order_key.in_(orders), OutboxMessage.status != "done"
        )
        held = set(session.scalars(waiting))
        # What retention has emptied tells nothing any more.
        latest = {(row.payload["graduate_id"], _kind(row)): row for row in rows if "graduate_id" in row.payload}
        reports: dict[tuple[int, str], tuple[int, Mapping[str, Any], StudentKey | None]] = {
            one: (row.id, row.payload, key_of_id(one[0]))
            for one, row in latest.items()
            if row.payload.get("action", "report") == "report" and row.order_key not in held
        }
        asked = by_file.asked_of(graduate_id for graduate_id, _kind in reports)
        reports = {one: told for one, told in reports.items() if one[0] in asked}
        following = str(rows[-1].id) if rows else ""
        session.expunge_all()
    found = [_report(*whose, sequence, told, key) for whose, (sequence, told, key) in reports.items()]
    return [one for one in found if one is not None], len(reports), following


def _kind(row: OutboxMessage) -> str:
    return str(row.payload.get("record", DESTINATION))


def _report(
    graduate_id: int, kind: str, sequence: int, payload: Mapping[str, Any], key: StudentKey | None
) -> Found | None:
    if key is None:
        return None
    fields: Sequence[str] = ()
    try:
        there = ems().view(key).destination if kind == DESTINATION else ems().record(key, kind)
    except EmsRefused as refused:
        if refused.code in UNKNOWN:  # the roster's part has said so
            return None
        raise
    held = 0 if there is None else there.sequence if isinstance(there, Destination) else int(there["sequence"])
    if held < sequence:
        problem = LOST
    elif held > sequence:
        if _is_ours(held):
            return None  # compared when its turn comes
        problem = LATER
    else:
        told = payload.get("destination", {})
        fields = [name for name in FIELDS if told and (told.get(name) or None) != (getattr(there, name) or None)]
        problem = CHANGED
        if not fields:
            return None
    with transaction():
        school_id = session.scalar(select(School.id).where(School.code == key.school))
    return Found(int(school_id or 0), key.cohort, key.exam_number, graduate_id, kind, problem, tuple(fields))


def _is_ours(message_id: int) -> bool:
    with transaction():
        return session.scalar(select(OutboxMessage.id).where(OutboxMessage.id == message_id)) is not None
