"""From an uploaded sheet to the roster and back: the only writers of batches (R4.1)."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from redis.exceptions import RedisError
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from app.access.actors import SCHOOL, Actor, module_refusal
from app.base import clock
from app.base.database import savepoint, session, transaction
from app.base.errors import Forbidden
from app.base.workbook import Fault, Sheet, read_sheet, refuse_other_files
from app.roster.imports.checking import MOST_PROBLEMS, Checked, Problem, Rules, check_rows
from app.roster.imports.columns import ROSTER
from app.roster.imports.comparing import Compared, compare
from app.roster.imports.oddities import odd_things
from app.roster.imports.packing import in_parts
from app.roster.imports.queries import note_progress
from app.roster.imports.services import students
from app.roster.models import CHANGED, CHECKING, COMMITTED, NEW, READY, REFUSED, BatchPart, RosterBatch
from app.roster.queries import hold_school
from app.schools.departments.queries import known_departments
from app.schools.models import School
from app.workflow import outbox, queues

log = logging.getLogger(__name__)

VIEW = "roster"
MOST_TRIES = 3
READY_FOR, UNDO_FOR = timedelta(days=7), timedelta(days=90)


def require_import(actor: Actor) -> None:
    """Only school accounts with 读写 on employment import; raises Forbidden."""
    if actor.kind != SCHOOL or not actor.may("can_import", VIEW):
        raise Forbidden()
    if not actor.writes("employment"):
        raise module_refusal(actor, "employment")


def receive_sheet(content: bytes, file_name: str, *, actor: Actor) -> RosterBatch:
    """Take an uploaded sheet and have it checked by a worker; nothing of the roster changes (R4.1).

    Called by school accounts with 读写 on employment. Raises Forbidden, TooLarge, UnsupportedMedia.
    """
    require_import(actor)
    refuse_other_files(content, ROSTER)
    return keep_batch(content, _shown_name(file_name), actor=actor)


def keep_batch(content: bytes, name: str, *, actor: Actor, then: Mapping[str, Any] | None = None) -> RosterBatch:
    """A batch that waits for its check; `then` is what the worker reads besides its number. The caller has checked the rest."""
    with transaction():
        school = session.get_one(School, actor.school_id)
        batch = RosterBatch(
            province_id=school.province_id,
            school_id=school.id,
            level=actor.level or "all",
            state=CHECKING,
            file_name=name,
            sheet=content,
            uploaded_by=actor.name,
        )
        session.add(batch)
        session.flush()
        outbox.post("roster_check", {"batch_id": batch.id, **(then or {})}, key=f"roster-batch:{batch.id}:check")
    return batch


def _shown_name(file_name: str) -> str:
    name = "".join(sign for sign in file_name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return name[-128:] or "roster.xlsx"


def check_batch(batch_id: int) -> None:
    """Check a batch and leave it ready or refused; run by the worker inside the delivery's transaction.

    A worker that dies leaves nothing behind and another begins anew; a sheet that kills three workers is refused.
    """
    batch = session.get(RosterBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.state != CHECKING:
        return
    try:
        if _tries(batch_id) > MOST_TRIES:
            raise Fault(
                _("The file could not be checked. Please use the template, paste the values and upload it again.")
            )
        with savepoint(), _without_collector():
            _check(batch)
    except Fault as fault:
        _refuse(batch, [Problem(fault.row or 0, fault.column, fault.text)])
    except (DBAPIError, RedisError):
        raise
    except Exception:
        log.exception("roster batch %s could not be checked", batch_id)
        _refuse(batch, [Problem(0, "", _("The check failed on our side. Please upload the sheet again."))])
    batch.sheet = None
    session.flush()


@contextmanager
def _without_collector() -> Iterator[None]:
    """A sheet is millions of small objects and no cycle: looking for cycles among them takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _tries(batch_id: int) -> int:
    try:
        key = f"roster:tries:{batch_id}"
        tries = int(queues.redis().incr(key))
        queues.redis().expire(key, 24 * 3600)
    except RedisError:
        return 1
    return tries


def _check(batch: RosterBatch) -> None:
    school = session.get_one(School, batch.school_id)
    sheet = students.sheet_of(batch.sheet or b"") or read_sheet(batch.sheet or b"", ROSTER)
    total = max(0, len(sheet.rows) - 1)
    note_progress(batch.id, 0, total)
    checked = check_rows(sheet.rows, Rules(school.code, batch.level), lambda done: note_progress(batch.id, done, total))
    sheet.rows.clear()
    batch.rows = checked.count
    if checked.errors:
        _refuse(batch, checked.errors)
        return
    hold_school(batch.school_id)
    batch.checked_at = session.scalar(select(func.clock_timestamp()))
    compared = compare(checked, batch)
    if compared.errors:
        _refuse(batch, compared.errors)
        return
    _warn(batch, checked, sheet)
    _keep(batch, compared)
    batch.state = READY


def _warn(batch: RosterBatch, checked: Checked, sheet: Sheet) -> None:
    warnings = odd_things(checked, known_departments(batch.school_id), sheet)
    batch.warning_count = len(warnings)
    batch.warnings = [problem.as_json() for problem in warnings[:MOST_PROBLEMS]]


def _refuse(batch: RosterBatch, errors: Sequence[Problem]) -> None:
    batch.state, batch.checked_at = REFUSED, clock.now()
    batch.error_count, batch.wrong_rows = len(errors), len({problem.row for problem in errors})
    batch.errors = [problem.as_json() for problem in errors[:MOST_PROBLEMS]]


def _keep(batch: RosterBatch, compared: Compared) -> None:
    """Keep what the batch would do, encrypted, in parts of a thousand rows."""
    batch.new, batch.changed, batch.unchanged = len(compared.new_ids), len(compared.changed), compared.unchanged
    batch.departments = compared.departments
    new = zip(compared.new_rows, compared.new_ids, compared.new_lines, strict=True)
    parts: list[BatchPart] = []
    for number, part in enumerate(in_parts(new)):
        rows, ids, lines = zip(*part, strict=True)
        parts.append(_part(batch, NEW, number, rows, ids, after="\n".join(lines)))
    for number, changes in enumerate(in_parts(compared.changed)):
        parts.append(
            _part(
                batch,
                CHANGED,
                number,
                [one.number for one in changes],
                [one.id for one in changes],
                after="\n".join(one.after for one in changes),
                before="\n".join(one.before for one in changes),
                differences=[one.differences for one in changes],
            )
        )
    session.add_all(parts)


def _part(
    batch: RosterBatch, kind: str, number: int, rows: Sequence[int], ids: Sequence[int], **content: Any
) -> BatchPart:
    return BatchPart(
        batch_id=batch.id, kind=kind, number=number, sheet_rows=list(rows), graduate_ids=list(ids), **content
    )


def discard_old_batches() -> int:
    """Let go of what nobody will use any more; run by the clock. Returns how many batches.

    A ready batch nobody has committed for a week is refused: the roster has moved on. What an undo needs is kept
    for 90 days.
    """
    late = Problem(0, "", _("The sheet was not committed within a week. Please upload it again."))
    with transaction():
        stale = select(RosterBatch).where(RosterBatch.state == READY, RosterBatch.created_at < clock.now() - READY_FOR)
        batches = session.scalars(stale.with_for_update(skip_locked=True)).all()
        for batch in batches:
            _refuse(batch, [late])
            drop_parts(batch.id)
        old = select(RosterBatch.id).where(
            RosterBatch.state == COMMITTED, RosterBatch.committed_at < clock.now() - UNDO_FOR
        )
        session.execute(delete(BatchPart).where(BatchPart.batch_id.in_(old)))
    return len(batches)


def drop_parts(batch_id: int) -> None:
    """Forget the rows of a batch."""
    session.execute(delete(BatchPart).where(BatchPart.batch_id == batch_id))


def forget_content(batch_id: int, kind: str) -> None:
    """Keep of a batch's rows only which graduates they were, and how the changed ones stood before."""
    query = update(BatchPart).where(BatchPart.batch_id == batch_id, BatchPart.kind == kind)
    session.execute(query.values(after=None, differences=None))
