"""Batches that a reader may see, and the rows of a dry run page by page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.roster.imports.packing import PART, OtherFields, unpacked
from app.roster.models import CHANGED, NEW, BatchPart, RosterBatch
from app.schools.models import Department
from app.workflow import queues

PAGE = 50
_KEPT = 24 * 3600


@dataclass(frozen=True)
class DryRow:
    """One row of a dry run for people: where it stands in the sheet, the student, and what differs."""

    number: int
    values: dict[str, Any]
    differences: list[list[Any]]


def batch_visible_to(actor: Actor, batch_id: int, *, lock: bool = False) -> RosterBatch:
    """One batch of the actor's school and level; raises NotFound outside."""
    query = select(RosterBatch).where(RosterBatch.id == batch_id, in_scope(RosterBatch, actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    batch = session.scalar(query)
    if batch is None:
        raise NotFound()
    return batch


def batches_visible_to(actor: Actor, limit: int = 20) -> Sequence[RosterBatch]:
    """The last batches of the actor's school, newest first."""
    query = select(RosterBatch).where(in_scope(RosterBatch, actor)).order_by(RosterBatch.id.desc()).limit(limit)
    return session.scalars(query).all()


def dry_rows(batch: RosterBatch, kind: str, page: int) -> list[DryRow]:
    """One page (from 0) of the new or changed rows; [] once they have been committed, or with another list of fields."""
    first = page * PAGE
    query = select(BatchPart).where(BatchPart.batch_id == batch.id, BatchPart.kind == kind)
    part = session.scalar(query.where(BatchPart.number == first // PART))
    if part is None or part.after is None:
        return []
    begin = first % PART
    lines = part.after.split("\n")[begin : begin + PAGE]
    numbers = part.sheet_rows[begin : begin + PAGE]
    differences = (part.differences or [])[begin : begin + PAGE] or [[]] * len(lines)
    try:
        rows = [unpacked(line) for line in lines]
    except OtherFields:
        return []
    names = _department_names(batch, rows)
    return [
        DryRow(number, {**row, "department": names.get(int(row["department_id"]), "")}, differs)
        for number, row, differs in zip(numbers, rows, differences, strict=True)
    ]


def _department_names(batch: RosterBatch, rows: Sequence[dict[str, Any]]) -> dict[int, str]:
    wanted = {int(row["department_id"]) for row in rows}
    known = session.execute(select(Department.id, Department.name).where(Department.id.in_(wanted)))
    return {**dict(batch.departments), **dict(known.all())}


def parts_of(batch: RosterBatch, kind: str) -> Sequence[BatchPart]:
    """The parts of a kind in their order."""
    query = select(BatchPart).where(BatchPart.batch_id == batch.id, BatchPart.kind == kind)
    return session.scalars(query.order_by(BatchPart.number)).all()


def ids_in(batch: RosterBatch) -> dict[str, list[int]]:
    """The graduates of a batch: the new ones and the changed ones."""
    query = select(BatchPart.kind, BatchPart.graduate_ids).where(BatchPart.batch_id == batch.id)
    found: dict[str, list[int]] = {NEW: [], CHANGED: []}
    for kind, ids in session.execute(query.order_by(BatchPart.kind, BatchPart.number)):
        found[kind].extend(ids)
    return found


# Progress is news of the moment: it lives in Redis, outside the transaction that does the work.


def note_progress(batch_id: int, done: int, total: int) -> None:
    """Tell how far the check of a batch has come, in rows; never hinders the work."""
    with suppress(RedisError):
        queues.redis().set(f"roster:progress:{batch_id}", f"{done}/{total}", ex=_KEPT)


def progress_of(batch: RosterBatch) -> tuple[int, int]:
    """(rows done, rows in all); (0, 0) while nothing is known."""
    if batch.state != "checking":
        return batch.rows, batch.rows
    noted: Any = None
    with suppress(RedisError):
        noted = queues.redis().get(f"roster:progress:{batch.id}")
    done, _slash, total = (noted or b"0/0").decode().partition("/")
    return int(done), int(total)
