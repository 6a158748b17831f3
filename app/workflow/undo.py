"""Ten seconds to take a verdict back: until then nothing leaves, and what it changed is kept as it was before.

While a verdict is written, triggers of the database put down every row that it changes, as it was and as it is now; its
messages are held back. To take it back is to find each row as the verdict left it and to put back what stood there; if
one has changed since, it is too late. Histories only grow, and numbers that were given are not given again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Text, cast, delete, func, insert, select, text, update

from app.access.actors import STAFF, Actor
from app.base import clock
from app.base.database import Model, session
from app.base.errors import Conflict
from app.base.settings import settings
from app.workflow.models import OutboxMessage, Undo, UndoImage

_WINDOW, _LONGER = "window", "window_longer"
_KEPT_FOR = timedelta(minutes=5)


@contextmanager
def window(workflow: str, case_id: int, event: str, actor: Actor, at: datetime) -> Iterator[None]:
    """What the block writes can be taken back for a while, and its messages wait so long; for verdicts of staff.

    Everything else, and what happens within another verdict, is as it would be without.
    """
    info, seconds = session().info, settings().undo_seconds
    if actor.kind not in STAFF or actor.user_id is None or not seconds or _WINDOW in info:
        yield
        return
    until = clock.now() + timedelta(seconds=seconds) + info.get(_LONGER, timedelta())
    values = {"workflow": workflow, "case_id": case_id, "event": event, "user_id": actor.user_id, "until": until}
    marked = func.set_config("app.undo", cast(Undo.id, Text), True)
    undo_id = session.execute(insert(Undo).values(**values, at=at).returning(Undo.id, marked)).one()[0]
    info[_WINDOW] = undo_id, until
    try:
        yield
        session.flush()
        if info["depth"] > 1:  # else the mark ends with the transaction
            session.execute(select(func.set_config("app.undo", "", True)))
    finally:
        del info[_WINDOW]


@contextmanager
def longer(time: timedelta) -> Iterator[None]:
    """Windows that the block opens stay open so much longer: for the first of many, so that all can be taken back."""
    session().info[_LONGER] = time
    try:
        yield
    finally:
        session().info.pop(_LONGER, None)


def keep_open(workflow: str, case_ids: Sequence[int], user_id: int, time: timedelta) -> None:
    """Let nothing of this user's verdicts on these cases leave for so long: they are about to be taken back."""
    until = clock.now() + time
    own = (Undo.workflow == workflow, Undo.case_id.in_(case_ids), Undo.user_id == user_id, Undo.until > clock.now())
    held = session.scalars(update(Undo).where(*own).values(until=until).returning(Undo.id)).all()
    waiting = (OutboxMessage.undo_id.in_(held), OutboxMessage.status == "queued", OutboxMessage.attempts == 0)
    session.execute(update(OutboxMessage).where(*waiting).values(not_before=until, next_attempt_at=until))


def hold(messages: Sequence[OutboxMessage]) -> datetime | None:
    """Let these messages wait for the end of the open window, which is returned; None where none is open."""
    undo_id, until = session().info.get(_WINDOW, (None, None))
    for message in messages:
        message.undo_id, message.not_before = undo_id, until
    return until


def _open_window(workflow: str, case_id: int) -> Undo | None:
    """The last verdict on a case, while it can be taken back."""
    query = select(Undo).where(Undo.workflow == workflow, Undo.case_id == case_id, Undo.until > clock.now())
    return session.scalar(query.order_by(Undo.id.desc()).limit(1))


def ends_at(workflow: str, case_id: int) -> datetime | None:
    """Until when the last verdict on a case can be taken back; None where it cannot."""
    window = _open_window(workflow, case_id)
    return window.until if window else None


def window_of(case: Any) -> tuple[Undo, list[UndoImage]]:
    """The verdict that has brought the case to where it is, while it can be taken back, and the rows that it changed, in
    that order. Raises Conflict `too_late`.
    """
    window = _open_window(case.workflow_name, case.id)
    images = _images_of(window) if window else []
    if window is None or (case.id, case.version) not in _left_by(images, case.__tablename__):
        raise too_late()
    return window, images


def _left_by(images: Sequence[UndoImage], table: str) -> set[tuple[int, int]]:
    """Ids and versions of the cases of this table as the verdict left them."""
    return {(one.after["id"], one.after["version"]) for one in images if one.place == table and one.after}


def _images_of(window: Undo) -> list[UndoImage]:
    return list(session.scalars(select(UndoImage).where(UndoImage.undo_id == window.id).order_by(UndoImage.id)))


def too_late() -> Conflict:
    """The refusal to take back what has had its effect."""
    return Conflict(
        _(
            "This decision can no longer be taken back: its time is over, or somebody has gone on with the record. "
            "Please look at its present state."
        ),
        "too_late",
    )


def take_back(window: Undo, images: Sequence[UndoImage]) -> None:
    """Put every row back as it was, and remove the messages. The caller holds the case. Raises Conflict `too_late`."""
    own = OutboxMessage.undo_id == window.id
    # Who has one in hand delivers it and may need the case for that, which is held here: nobody waits for the other.
    query = select(OutboxMessage).where(own).with_for_update(skip_locked=True)
    messages = session.scalars(query.execution_options(populate_existing=True)).all()
    if len(messages) != session.scalar(select(func.count()).where(own)):
        raise too_late()
    for message in messages:
        if message.status != "queued" or message.attempts:
            raise too_late()
        session.delete(message)
    if window.until <= clock.now():  # asked with the messages in hand: from now on nobody delivers them
        raise too_late()
    session.flush()
    for image in reversed(images):
        if session.execute(text(_statement(image)), {"image": image.id}).rowcount != 1:
            raise too_late()
    session.execute(delete(Undo).where(Undo.id == window.id))
    session.expire_all()


def _statement(image: UndoImage) -> str:
    """The SQL that turns what the verdict made of a row into what it was; it finds the row only as the verdict left it."""
    table = Model.metadata.tables[image.place]
    name = image.place
    columns = [column.name for column in table.columns if column.computed is None]
    keys = [column.name for column in table.primary_key.columns]
    same = " AND ".join(f"{name}.{key} = was.{key}" for key in keys)
    if image.after is None:
        told, was = ", ".join(columns), ", ".join(f"was.{one}" for one in columns)
        return f"INSERT INTO {name} ({told}) SELECT {was} FROM {_row(name, 'before')}"  # noqa: S608
    left = f"{_row(name, 'before' if image.before is not None else 'after')} WHERE {same} AND to_jsonb({name}.*) = image.after"
    put = ", ".join(f"{one} = was.{one}" for one in columns)
    return f"DELETE FROM {name} USING {left}" if image.before is None else f"UPDATE {name} SET {put} FROM {left}"  # noqa: S608


def _row(table: str, side: str) -> str:
    """One side of the image as a row of its table; the WHERE joins it to the image of the statement."""
    image = "(SELECT after, before FROM undo_images WHERE id = :image) image"
    return f"{image} CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, image.{side}) was"


def forget() -> int:
    """Remove what can no longer be taken back; run by the clock."""
    return int(session.execute(delete(Undo).where(Undo.until < clock.now() - _KEPT_FOR)).rowcount)


def affected(images: list[UndoImage], tables: dict[str, Any]) -> set[tuple[Any, int]]:
    """Of these tables (name → what stands for it), which rows the verdict has changed that were there before."""
    return {(tables[one.place], int(one.before["id"])) for one in images if one.place in tables and one.before}
