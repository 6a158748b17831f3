"""Archive and hukou records stay editable in the employment system: what is changed there comes here (R4.9).

Changes are read by a cursor for each school and cohort, one transaction each, so that none is lost and none is taken
twice. A change belongs to the report that it changed: once this platform has reported something newer, it is void.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session, transaction
from app.base.wording import joined
from app.codes.forms import sort_out
from app.ems.client import ems
from app.ems.messages import EmsRefused, EmsUnavailable, RecordEdit, RosterState, StudentKey
from app.household.models import RecordCursor, model_of
from app.household.types import KINDS
from app.roster.models import Graduate
from app.schools.models import School
from app.workflow import engine, registry
from app.workflow.models import OutboxMessage
from app.workflow.stages import Stage

log = logging.getLogger(__name__)

PAGE = 500
SECONDS = 30.0  # then the next run goes on from there: nothing else of this queue waits longer
MOST_PROBLEMS = 200


def pull_changes(seconds: float = SECONDS) -> int:
    """Take over every archive and hukou record that was changed in the employment system since the last time.

    Run by the clock, `flask household pull` and the operators' button. Returns how many records of the platform
    changed. When the other system does not answer, the next run goes on where this one stopped.
    """
    limit, taken = time.monotonic() + seconds, 0
    try:
        taken += _look_again()
        for school_id, state, begin in _moved(ems().rosters()):
            cursor, more = begin, True
            while more and time.monotonic() < limit:
                # Asked before the transaction: nobody waits for another system while rows are held.
                page = ems().edits_after(state.school, state.cohort, cursor, PAGE)
                taken += sum(apply_edit(school_id, state.cohort, edit) for edit in page.edits)
                cursor, more = page.cursor, page.more
    except EmsUnavailable as error:
        log.warning("changes of records could not be read: %s", error)
    except EmsRefused:
        log.exception("the employment system refused to tell the changes of records")
    return taken


def _moved(states: Iterable[RosterState]) -> list[tuple[int, RosterState, int]]:
    """School id, roster and place to go on from, where something has been changed since it was read."""
    with transaction():
        schools = {code: number for number, code in session.execute(select(School.id, School.code))}
        rows = session.scalars(select(RecordCursor).execution_options(populate_existing=True))
        cursors = {(row.school_id, row.cohort): row for row in rows}
        found = []
        for state in states:
            school_id = schools.get(state.school)
            place = cursors.get((school_id or 0, state.cohort))
            cursor = place.cursor if place else 0
            if school_id is None or cursor == state.edits:
                continue
            if place is not None and cursor > state.edits:  # the other system was set back: everything is read anew
                place.cursor = cursor = 0
            found.append((school_id, state, cursor))
    return found


def apply_edit(school_id: int, cohort: int, edit: RecordEdit) -> bool:
    """Take over one change and remember the place, in one transaction. Returns whether a record here changed."""
    with transaction():
        place = _held_place(school_id, cohort)
        if edit.change <= place.cursor:
            return False  # another run was quicker
        place.cursor, place.read_at = edit.change, clock.now()
        return _take(place, edit)


def _held_place(school_id: int, cohort: int) -> RecordCursor:
    key = {"school_id": school_id, "cohort": cohort}
    fresh = {"cursor": 0, "read_at": clock.now(), "held": [], "problems": {}}
    session.execute(insert(RecordCursor).values(**key, **fresh).on_conflict_do_nothing())
    return session.get_one(RecordCursor, tuple(key.values()), with_for_update=True, populate_existing=True)


def _take(place: RecordCursor, edit: RecordEdit) -> bool:
    name = f"{edit.exam_number} {edit.kind}"
    problems = {one: why for one, why in place.problems.items() if one != name}
    place.held = [one for one in place.held if one != [edit.exam_number, edit.kind]]
    case = _case_of(place, edit)
    changed = False
    if case is not None and case.invalid_since is not None:
        place.held = [*place.held, [edit.exam_number, edit.kind]]
    elif case is not None:
        record, errors = sort_out(
            registry.get(edit.kind).writing.form, {one: value for one, value in edit.record.items() if value}
        )
        record = {one: value for one, value in record.items() if value}
        if errors:
            told = joined(f"{one}: {text}" for one, texts in errors.items() for text in texts)
            problems[name] = told[:300]
        elif record != case.data:
            engine.fire(edit.kind, case.id, "ems_change", actor=SYSTEM, data={"record": record})
            changed = True
    place.problems = dict(list(problems.items())[-MOST_PROBLEMS:])
    return changed


def _case_of(place: RecordCursor, edit: RecordEdit) -> Any | None:
    """The record in force whose report was changed; None when the platform has reported something newer since."""
    message = session.get(OutboxMessage, edit.sequence) if edit.kind in KINDS else None
    if message is None or (message.workflow, message.payload.get("record")) != (edit.kind, edit.kind):
        return None
    newer = select(OutboxMessage.id).where(
        OutboxMessage.order_key == message.order_key, OutboxMessage.id > message.id, OutboxMessage.kind == "ems"
    )
    if session.scalar(select(newer.exists())):
        return None
    model = model_of(edit.kind)
    query = (
        select(model)
        .join(Graduate, Graduate.id == model.graduate_id)
        .where(model.id == message.case_id, model.stage == Stage.IN_FORCE, model.school_id == place.school_id)
        .where(model.cohort == place.cohort, Graduate.exam_number == edit.exam_number)
    )
    return session.scalar(query.with_for_update(of=model).execution_options(populate_existing=True))


def _look_again() -> int:
    """Read the records of graduates who were away when theirs were changed and have come back since."""
    with transaction():
        waiting = [
            (place.school_id, place.cohort, code, exam_number, kind)
            for place, code in session.execute(
                select(RecordCursor, School.code)
                .join(School, School.id == RecordCursor.school_id)
                .where(func.jsonb_array_length(RecordCursor.held) > 0)
            )
            for exam_number, kind in place.held
        ]
        back = [one for one in waiting if _is_back(one[0], one[1], one[3])]
    taken = 0
    for school_id, cohort, code, exam_number, kind in back:
        record = dict(ems().record(StudentKey(code, cohort, exam_number), kind) or {})
        sequence = int(record.pop("sequence", 0))
        record.pop("reported_at", None)
        with transaction():
            place = _held_place(school_id, cohort)
            taken += _take(place, RecordEdit(exam_number, kind, sequence, record, place.cursor))
    return taken


def _is_back(school_id: int, cohort: int, exam_number: str) -> bool:
    query = select(Graduate.id).where(
        Graduate.school_id == school_id,
        Graduate.cohort == cohort,
        Graduate.exam_number == exam_number,
        Graduate.invalid_since.is_(None),
    )
    return session.scalar(select(query.exists())) or False


def problems() -> list[tuple[str, int, str, str]]:
    """Changes that could not be taken over: school code, cohort, exam number with kind, why. For operators."""
    query = select(RecordCursor, School.code).join(School, School.id == RecordCursor.school_id)
    return [
        (code, place.cohort, name, why)
        for place, code in session.execute(query)
        for name, why in sorted(place.problems.items())
    ]
