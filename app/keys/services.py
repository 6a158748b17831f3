"""From one key to the next: what is sealed by another key than the newest is sealed anew, a little at a time.

Every step (some rows of a table, one file) is done or not; what is done is seen by its head, so that the work may end
at any moment and begin again. Two at once do the same work twice at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import LargeBinary, func, literal, select, tuple_, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.base import crypto, datakeys
from app.base.database import Model, session, transaction
from app.base.sealed import PersonalJson, is_sealed, row_text
from app.documents.sealedfiles import FileTampered
from app.documents.storage import storage
from app.keys.models import DATA, NeededKey

_ROWS = 500  # sealed anew in one transaction
_FILES = 100  # until the next word of how far it is
CLEAR = b""  # the key of what lies in clear


@dataclass
class Uses:
    """By the id of a key: how many values and files it has sealed; CLEAR: what a version before left in clear."""

    values: Counter[tuple[bytes, str]] = field(default_factory=Counter)  # key and column
    files: Counter[bytes] = field(default_factory=Counter)

    def keys(self) -> set[bytes]:
        """The ids of all keys that are needed."""
        return {key for key, _column in self.values} | set(self.files)


@dataclass(frozen=True)
class Step:
    """One step of the rotation, for whoever watches it."""

    what: str
    done: int
    problem: str = ""


def uses() -> Uses:
    """Look at every sealed value and file, without opening any."""
    found = Uses()
    for table in _tables():
        for column in _sealed_columns(table):
            for key, count in _keys_in(column):
                found.values[key, f"{table.name}.{column.name}"] += count
    for digest in storage().digests():
        found.files[storage().sealed_by(digest) or CLEAR] += 1
    session.rollback()
    return found


def rotate() -> Iterator[Step]:
    """Seal by the newest key what another has sealed; afterwards nothing needs the others, unless a step says so."""
    note_newest()
    for table in _tables():
        yield from _rotate_rows(table)
    yield from _rotate_files()
    left = uses().keys()
    with transaction():
        for row in session.scalars(select(NeededKey).where(NeededKey.purpose == DATA)):
            if bytes(row.id) not in {*left, datakeys.newest().id}:
                session.delete(row)


def note_newest() -> None:
    """Write down that from now on something here needs the newest key."""
    needed = insert(NeededKey).values(purpose=DATA, id=datakeys.newest().id)
    with transaction():
        session.execute(needed.on_conflict_do_nothing())


def _tables() -> Iterator[Any]:
    return (table for table in Model.metadata.sorted_tables if any(map(is_sealed, table.columns)))


def _sealed_columns(table: Any) -> list[Any]:
    return [column for column in table.columns if is_sealed(column)]


def _keys_in(column: Any) -> Iterator[tuple[bytes, int]]:
    if not isinstance(column.type, PersonalJson):
        heads = func.substr(type_coerce(column, LargeBinary), 1, len(crypto.head()))
        query = select(heads, func.count()).where(column.is_not(None)).group_by(heads)
        yield from ((_key_in(bytes(head)), count) for head, count in session.execute(query))
        return
    found: Counter[bytes] = Counter()
    documents = select(type_coerce(column, JSONB)).where(column.is_not(None))
    for document in session.scalars(documents.execution_options(yield_per=_ROWS)):
        found.update(map(_key_in, column.type.heads(document)))
    yield from found.items()


def _key_in(head: bytes) -> bytes:
    return head[1:] if head.startswith(crypto.VERSION) else CLEAR


def _rotate_rows(table: Any) -> Iterator[Step]:
    """In the order of the primary key, so that each step begins behind the one before."""
    primary, columns = tuple(table.primary_key.columns), _sealed_columns(table)
    stored, last, done = [_as_stored(column) for column in columns], None, 0
    while True:
        with transaction():
            query = select(*primary, row_text(table).label("row_"), *stored).order_by(*primary)
            if last is not None:
                query = query.where(tuple_(*primary) > tuple_(*map(literal, last)))
            rows = session.execute(query.limit(_ROWS).with_for_update()).all()
            problems = [problem for row in rows if (problem := _rotate_row(table, columns, row)) is not None]
        yield from (Step(table.name, done, problem) for problem in problems if problem)
        done += len(problems) - sum(map(bool, problems))
        if rows and problems:
            yield Step(table.name, done)
        if len(rows) < _ROWS:
            return
        last = tuple(rows[-1][: len(primary)])


def _as_stored(column: Any) -> Any:
    return type_coerce(column, JSONB if isinstance(column.type, PersonalJson) else LargeBinary).label(column.name)


def _rotate_row(table: Any, columns: Sequence[Any], row: Any) -> str | None:
    """What stands in the way, "" for a row that was changed, None for one that was not."""
    new = {}
    for column in columns:
        stored = getattr(row, column.name)
        if stored is None:
            continue
        try:
            sealed = column.type.anew(stored if isinstance(column.type, PersonalJson) else bytes(stored), row.row_)
        except (InvalidTag, datakeys.UnknownKey, crypto.NotSealed) as error:
            return f"{table.name}.{column.name} {row.row_}: {error or 'was changed or moved'}"
        if sealed != stored:
            new[column.name] = type_coerce(sealed, JSONB if isinstance(column.type, PersonalJson) else LargeBinary)
    if not new:
        return None
    here = [column == getattr(row, column.name) for column in table.primary_key.columns]
    session.execute(update(table).where(*here).values(new))
    return ""


def _rotate_files() -> Iterator[Step]:
    done, kept = 0, storage()
    for digest in kept.digests():
        try:
            done += kept.seal_anew(digest)
        except (FileNotFoundError, FileTampered, datakeys.UnknownKey) as error:
            yield Step("files", done, f"{digest}: {error}")
        if done and done % _FILES == 0:
            yield Step("files", done)
    if done:
        yield Step("files", done)
