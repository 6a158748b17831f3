"""Content in the store that nobody names any more: what killed uploads and prints left, and what was let go of.

Who deletes a row of a kept file leaves its content alone: another file may have the same, and a step may be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.base import clock
from app.base.database import Model, session, transaction
from app.documents.models import FileDigest, OrphanedFile
from app.documents.storage import storage

KEPT_FOR: Final = timedelta(days=7)
_FOLDERS, _HOURS, _PIECE = 256, 24, 1000


def is_due() -> ColumnElement[bool]:
    """Orphans that have been seen as such for long enough."""
    return OrphanedFile.since < clock.now() - KEPT_FOR


def discard_orphans() -> int:
    """Let go of content that no kept file has named for a week; run by the clock each hour. Returns how much went.

    Each hour looks for new orphans through a twenty-fourth of the store.
    """
    for folder in range(clock.now().hour, _FOLDERS, _HOURS):
        keys = storage().digests(f"{folder:02x}")
        while piece := list(islice(keys, _PIECE)):
            _note(piece)
    return sum(_discard_some())


def _note(keys: Iterable[str]) -> None:
    found = {bytes.fromhex(key) for key in keys}
    orphans = [{"sha256": one, "since": clock.now()} for one in found - _named(found)]
    with transaction():
        if orphans:
            session.execute(insert(OrphanedFile).on_conflict_do_nothing(), orphans)


def _named(found: set[bytes]) -> set[bytes]:
    """Which of these a row names."""
    columns = naming_columns()
    return {one for column in columns for one in session.scalars(select(column).where(column.in_(found)))}


def naming_columns() -> list[Column[Any]]:
    """Every column by which a row says that it needs a file of the store."""
    tables = Model.metadata.tables.values()
    return [column for table in tables for column in table.columns if isinstance(column.type, FileDigest)]


def _discard_some() -> Iterator[int]:
    while True:
        with transaction():
            query = select(OrphanedFile.sha256).where(is_due()).limit(_PIECE).with_for_update(skip_locked=True)
            due = set(session.scalars(query))
            wanted = _named(due)
            before = clock.now() - KEPT_FOR
            yield sum(storage().discard(one.hex(), before) for one in due - wanted)
            session.execute(delete(OrphanedFile).where(OrphanedFile.sha256.in_(due)))
        if len(due) < _PIECE:
            return
