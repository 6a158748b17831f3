"""The employment system is the master of the roster: its changes come here, a page at a time, by a cursor (R4.1, R4.8)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.actors import SYSTEM
from app.access.models import Account
from app.base import clock
from app.base.database import session, transaction
from app.base.wording import joined
from app.ems.client import ems
from app.ems.messages import EmsRefused, EmsStudent, EmsUnavailable, RosterState
from app.roster.models import Graduate, RosterCursor
from app.roster.queries import hold_school
from app.roster.services import intake
from app.roster.services.contacts import tell_replaced
from app.roster.services.following import follow, repeat_reports
from app.roster.services.graduates import set_roster_presence
from app.roster.services.takeover import problem_of, row_of, take_over
from app.schools.models import School
from app.workflow.models import OutboxMessage

log = logging.getLogger(__name__)

PAGE = 1000
SECONDS = 30.0  # a long backlog is read in several runs: sheets wait behind it for the same worker
MOST_PROBLEMS = 200


def pull_rosters(seconds: float = SECONDS) -> int:
    """Take over everything that has changed in the employment system since the last time; run by the clock.

    Removals, restorations, corrections and new students. Returns how many students were read. When the system does
    not answer, the next run goes on where this one stopped.
    """
    limit = time.monotonic() + seconds
    read = 0
    try:
        for school, state, begin in _moved(ems().rosters()):
            cursor = begin
            while cursor < state.cursor and time.monotonic() < limit:
                # Asked before the transaction: nobody waits for another system while rows are held.
                changes = ems().changes_since(state.school, state.cohort, cursor, PAGE)
                apply_changes(school.id, state.cohort, changes.students, changes.cursor)
                read, cursor = read + len(changes.students), max(changes.cursor, cursor + 1)
    except EmsUnavailable as error:
        log.warning("rosters could not be read: %s", error)
    except EmsRefused:
        log.exception("the employment system refused to tell its rosters")
    return read


def _moved(states: Iterable[RosterState]) -> list[tuple[School, RosterState, int]]:
    """The rosters of our schools that have changed since they were read, with the cursor to go on from."""
    with transaction():
        schools = {school.code: school for school in session.scalars(select(School))}
        rows = session.scalars(select(RosterCursor).execution_options(populate_existing=True))
        cursors = {(row.school_id, row.cohort): row.cursor for row in rows}
    found = []
    for state in states:
        school = schools.get(state.school)
        if school is not None:
            cursor = cursors.get((school.id, state.cohort), 0)
            # A cursor that went back: the other system was set back too, so everything is read anew.
            if cursor != state.cursor:
                found.append((school, state, cursor if cursor < state.cursor else 0))
    return found


def apply_changes(school_id: int, cohort: int, students: Sequence[EmsStudent], cursor: int) -> None:
    """Take over one page of changes and remember the place, in one transaction.

    A student of whom something of ours is still on its way is left alone: ours is the newer word, and once it has
    arrived the change comes back as one of theirs. What cannot be taken over is noted for the school.
    """
    with transaction():
        hold_school(school_id)
        place = session.get(RosterCursor, (school_id, cohort)) or RosterCursor(
            school_id=school_id, cohort=cohort, problems={}
        )
        problems = dict(place.problems)
        graduates = _there(school_id, cohort, students)
        activated = _activated(graduates.values())
        waiting_ids, waiting_numbers = on_their_way(cohort)
        new = []
        for student in students:
            graduate = graduates.get(student.exam_number)
            if student.exam_number in waiting_numbers or (graduate is not None and graduate.id in waiting_ids):
                continue
            if graduate is None:
                problem = None if student.removed else problem_of(student)
                new += [] if student.removed or problem else [row_of(student)]
            else:
                problem = _follow(graduate, student, graduate.id_number_index in activated)
            problems.pop(student.exam_number, None)
            if problem:
                problems[student.exam_number] = problem
        if new:
            intake.add_graduates(new, actor=SYSTEM, queue=True)
        place.cursor, place.read_at = cursor, clock.now()
        place.problems = dict(list(problems.items())[-MOST_PROBLEMS:])
        session.add(place)


def _follow(graduate: Graduate, student: EmsStudent, activated: bool) -> str | None:
    numbers = {graduate.id: graduate.mobile} if graduate.mobile and not activated else {}
    written, problems = take_over(graduate, student, activated=activated)
    if {"department", "education"} & set(written):
        follow(graduate.id)
    tell_replaced(numbers, {graduate.id: graduate.mobile})
    present = graduate.invalid_since is None
    if present == student.removed:
        set_roster_presence(graduate.id, present=not student.removed, actor=SYSTEM)
        if not student.removed:
            repeat_reports(graduate.id)
    return joined(problems) or None


def _there(school_id: int, cohort: int, students: Sequence[EmsStudent]) -> Mapping[str, Graduate]:
    query = select(Graduate).where(
        Graduate.school_id == school_id,
        Graduate.cohort == cohort,
        Graduate.exam_number.in_([student.exam_number for student in students]),
    )
    query = query.options(joinedload(Graduate.department, innerjoin=True)).execution_options(populate_existing=True)
    return {graduate.exam_number: graduate for graduate in session.scalars(query)}


def _activated(graduates: Iterable[Graduate]) -> set[bytes]:
    indexes = [graduate.id_number_index for graduate in graduates]
    query = select(Account.person).where(Account.person.in_(indexes))
    return {bytes(person) for person in session.scalars(query) if person is not None}


def on_their_way(cohort: int) -> tuple[set[int], set[str]]:
    """Graduates, and exam numbers of erased ones, of whom the employment system has not heard our last word."""
    query = select(OutboxMessage.payload).where(
        OutboxMessage.status != "done", OutboxMessage.order_key.is_not(None), OutboxMessage.kind == "ems"
    )
    ids: set[int] = set()
    numbers: set[str] = set()
    for payload in session.scalars(query):
        told: dict[str, Any] = payload
        if told.get("action") in ("upload", "remove", "restore"):
            ids.update(told.get("graduate_ids") or [told["graduate_id"]])
        elif told.get("action") == "erase":
            numbers.update(number for year, number in told["students"] if year == cohort)
    return ids, numbers
