"""Commit and undo of a checked batch: each is one transaction, so nothing is ever half imported (R4.1)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.exc import IntegrityError

from app.access import audit
from app.access.actors import Actor
from app.access.api_keys.queries import actor_again
from app.base.database import savepoint, session, transaction
from app.base.errors import AppError, Conflict, Invalid
from app.codes.fields import GRADUATE
from app.codes.graduate_fields import columns as graduate_columns
from app.ems.roster_push import post_erasure, post_roster
from app.roster.imports import dependants
from app.roster.imports.packing import COLUMNS, OtherFields, any_of, sealed, stream_in
from app.roster.imports.queries import batch_visible_to, ids_in, parts_of
from app.roster.imports.services import students
from app.roster.imports.services.batches import drop_parts, forget_content, keep_batch, require_import
from app.roster.imports.services.unmatched import CREATE, QUEUE, add_departments, stale
from app.roster.models import CHANGED, COMMITTED, NEW, READY, REFUSED, UNDONE, Graduate, RosterBatch
from app.roster.queries import hold_school
from app.roster.services.contacts import open_numbers, tell_replaced
from app.roster.services.following import follow_many
from app.schools.models import Department, School

log = logging.getLogger(__name__)
_OWN = tuple(field.name for field in graduate_columns() if field.editor is GRADUATE and field.name in COLUMNS)
_SET = ", ".join(f"{name} = i.{name}" for name in COLUMNS if name not in ("id", *_OWN))
# Asked again at the commit: whoever has activated the account meanwhile keeps their own numbers (R1.10).
_SET_OWN = ", ".join(f"{name} = CASE WHEN a.person IS NULL THEN i.{name} ELSE g.{name} END" for name in _OWN)
# One account a person (R1.10): it goes along when an ID number is corrected.
_MOVE_ACCOUNTS = text(
    "UPDATE accounts a SET person = i.id_number_index FROM incoming i JOIN graduates g ON g.id = i.id"
    " WHERE a.person = g.id_number_index AND g.id_number_index <> i.id_number_index"
    " AND NOT EXISTS (SELECT FROM graduates o WHERE o.id_number_index = g.id_number_index AND o.id <> g.id)"
    " AND NOT EXISTS (SELECT FROM accounts b WHERE b.person = i.id_number_index)"
)
_UPDATE = text(
    f"UPDATE graduates g SET {_SET}, updated_at = clock_timestamp(), {_SET_OWN}"  # noqa: S608 - our own columns
    " FROM incoming i LEFT JOIN graduates o ON o.id = i.id LEFT JOIN accounts a"
    " ON a.person IN (o.id_number_index, i.id_number_index)"
    " WHERE g.id = i.id"
)


def commit_batch(batch_id: int, *, actor: Actor, queue: Collection[str] = ()) -> RosterBatch:
    """Write a ready batch to the roster, all of it or nothing; the employment system is told by the outbox.

    Of the names that mean no department, those in `queue` wait to be assigned by the school; the others become
    departments. Called by school accounts with 读写 on employment. Raises NotFound, Forbidden, Conflict
    (`wrong_state`; `stale` when the roster or its departments have changed since the check), Invalid (`queue`).
    """
    try:
        with transaction():
            batch = _held(batch_id, actor)
            if batch.state == COMMITTED and batch.file_name == students.NAME:
                return batch  # it was committed by itself
            _demand_ready(batch)
            _write(batch, queue)
            batch.state, batch.committed_by = COMMITTED, actor.name
            forget_content(batch.id, NEW)
            forget_content(batch.id, CHANGED)
            batch.committed_at = session.scalar(select(func.clock_timestamp()))
            _tell_ems(batch, "commit")
            audit.record("roster_commit", actor=actor, subject=_subject(batch), detail=_figures(batch))
    except (UniqueViolation, ForeignKeyViolation, IntegrityError, OtherFields) as error:
        raise stale() from error
    return batch


def receive_students(sent: Mapping[str, Any], *, actor: Actor) -> RosterBatch:
    """Take students as JSON into a batch like that of a sheet; without `dry_run` it is committed once it is found right.

    Called by school accounts with 读写 on employment. Raises Forbidden, Invalid.
    """
    require_import(actor)
    dry = sent.get("dry_run", False)
    if not isinstance(dry, bool):
        raise Invalid({"dry_run": [_("This value cannot be read. Please check it.")]})
    if sent.get("unmatched", CREATE) not in (CREATE, QUEUE):
        raise Invalid({"unmatched": [_("Please choose from the list.")]})
    content = students.rows_of(sent.get("students"), session.get_one(School, actor.school_id).code)
    commit = {"user_id": actor.user_id, "key_id": actor.key.id if actor.key else None, "ip": actor.ip}
    commit["queue"] = sent.get("unmatched") == QUEUE
    return keep_batch(content, students.NAME, actor=actor, then=None if dry else {"commit": commit})


def commit_checked(batch_id: int, told: Mapping[str, Any]) -> None:
    """Commit a batch that its sender wanted written at once, if it was found right; what stands in the way leaves it ready."""
    batch = session.get(RosterBatch, batch_id)
    if batch is None or batch.state != READY:
        return
    try:
        with savepoint():
            names = [name for _id, name in batch.departments] if told.get("queue") else []
            commit_batch(batch_id, actor=actor_again(told["user_id"], told["key_id"], ip=told["ip"]), queue=names)
    except AppError as error:
        log.warning("roster batch %s was checked and not committed: %s", batch_id, error.code)


def undo_batch(batch_id: int, *, actor: Actor) -> RosterBatch:
    """Take a committed batch back: the new students go, the changed ones are as before; all of it or nothing.

    Only while nothing has been built on it. Called by school accounts with 读写 on employment. Raises NotFound,
    Forbidden, Conflict (`wrong_state`, `built_upon`).
    """
    try:
        with transaction():
            batch = _held(batch_id, actor)
            if batch.state != COMMITTED:
                raise _wrong_state(batch)
            ids = ids_in(batch)
            if batch.new + batch.changed != len(ids[NEW]) + len(ids[CHANGED]):
                raise _too_old()
            dependants.refuse_built_upon(batch, ids[NEW], ids[CHANGED])
            keys = _keys(ids[NEW])
            _change(batch, "before")
            session.execute(delete(Graduate).where(Graduate.id == any_of(ids[NEW])))
            _drop_departments(batch)
            _tell_ems(batch, "undo", erased=keys)
            drop_parts(batch.id)
            batch.state, batch.undone_by = UNDONE, actor.name
            batch.undone_at = session.scalar(select(func.clock_timestamp()))
            audit.record("roster_undo", actor=actor, subject=_subject(batch), detail=_figures(batch))
    except (ForeignKeyViolation, IntegrityError) as error:
        raise dependants.built_upon() from error
    except OtherFields as error:
        raise _too_old() from error
    return batch


def _held(batch_id: int, actor: Actor) -> RosterBatch:
    """The batch and its school, both held until the end."""
    batch = batch_visible_to(actor, batch_id, lock=True)
    require_import(actor)
    hold_school(batch.school_id)
    return batch


def _demand_ready(batch: RosterBatch) -> None:
    if batch.state != READY:
        raise _wrong_state(batch)
    changed = ids_in(batch)[CHANGED]
    if changed:
        untouched = select(func.count()).where(Graduate.id == any_of(changed), Graduate.updated_at <= batch.checked_at)
        if session.scalar(untouched) != len(changed):
            raise stale()


def _write(batch: RosterBatch, queue: Collection[str]) -> None:
    add_departments(batch, queue)
    stream_in("graduates", COLUMNS, _sealed(batch, NEW, "after"))
    _change(batch, "after")


def _change(batch: RosterBatch, side: str) -> None:
    """Bring the changed rows to how they shall be (`after`) or were (`before`), and what follows them."""
    if not batch.changed:
        return
    columns = ", ".join(COLUMNS)
    session.execute(text(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {columns} FROM graduates WITH NO DATA"))  # noqa: S608
    stream_in("incoming", COLUMNS, _sealed(batch, CHANGED, side))
    numbers = open_numbers(ids_in(batch)[CHANGED])
    session.execute(_MOVE_ACCOUNTS)
    session.execute(_UPDATE)
    follow_many("incoming")
    session.execute(text("DROP TABLE incoming"))
    tell_replaced(numbers, open_numbers(list(numbers)))
    session.expire_all()


def _sealed(batch: RosterBatch, kind: str, side: str) -> Iterator[str]:
    """The lines of a batch, part by part; while one is taken in by the database the next is sealed."""
    parts = parts_of(batch, kind)  # before the COPY begins: the connection takes no other statement until it ends
    return (sealed(getattr(part, side) or "", batch.province_id, batch.school_id) for part in parts)


def _tell_ems(batch: RosterBatch, what: str, *, erased: Sequence[Any] = ()) -> None:
    """Messages of one batch arrive in their order: what is undone was there before."""
    ids, key, order = ids_in(batch), f"roster-batch:{batch.id}:{what}", f"roster-batch:{batch.id}"
    if what == "commit":
        post_roster([*ids[NEW], *ids[CHANGED]], key=key, order_key=order)
        return
    school = session.get_one(School, batch.school_id)
    post_erasure(school.code, erased, key=f"{key}:new", order_key=order)
    post_roster(ids[CHANGED], key=key, order_key=order)


def _keys(ids: Sequence[int]) -> list[tuple[int, str]]:
    query = select(Graduate.cohort, Graduate.exam_number).where(Graduate.id == any_of(ids))
    return [(cohort, number) for cohort, number in session.execute(query.order_by(Graduate.id))]


def _drop_departments(batch: RosterBatch) -> None:
    """The departments that came with the batch go with it, unless somebody uses them."""
    ids = [key for key, _name in batch.departments]
    used = [exists().where(column == Department.id) for column in dependants.columns_referring_to("departments")]
    session.execute(delete(Department).where(Department.id == any_of(ids), *(~one for one in used)))


def _wrong_state(batch: RosterBatch) -> Conflict:
    texts = {
        READY: _("The sheet has not been committed yet."),
        REFUSED: _("The sheet has errors, so nothing of it can be committed. Please correct it and upload it again."),
        COMMITTED: _("The sheet has been committed already."),
        UNDONE: _("The import has been undone."),
    }
    return Conflict(texts.get(batch.state, _("The sheet is still being checked. Please wait a moment.")), "wrong_state")


def _too_old() -> Conflict:
    return Conflict(_("This import is too old to be undone."), "wrong_state")


def _subject(batch: RosterBatch) -> str:
    return f"roster_batch {batch.id}"


def _figures(batch: RosterBatch) -> dict[str, Any]:
    return {"file": batch.file_name, "new": batch.new, "changed": batch.changed, "unchanged": batch.unchanged}
