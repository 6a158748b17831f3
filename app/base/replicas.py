"""Where lists, figures and downloads are read: from a standby, where there is one and its reader would not miss anything.

`shown` sends the statements that fill them, and no others: what decides anything (rights, sessions, states, guards,
versions) is asked of `session`. In a request that only reads, or a job that makes a file, `shown` reads from a standby
that has replayed all that the reader has written; everywhere else, and where there is none, `shown` is `session`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Select, event, func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, object_session

from app.base import standbys
from app.base.database import db, session
from app.base.kept import Kept

log = logging.getLogger(__name__)
# What has to be replayed, and by whom it is read; None where only the database itself will do.
Needed = Callable[[], tuple[int, int] | None]
_READING, _CHANGED, _ASIDE = "reading", "changed", "aside"
_WRITTEN = "CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE %s END"
_PLACE = text(f"SELECT pg_wal_lsn_diff({_WRITTEN % 'pg_current_wal_flush_lsn()'}, '0/0')")
_TOO_LONG: Final = "57014"  # the statement's own time was over: the database would need it once more


class _FromStandby(Session):
    """Rows that a standby has told; what it cannot answer the database is asked."""

    reading: Reading


class Reading:
    """One request or job that reads: decided once, so that all of a page is of one place."""

    def __init__(self, needed: Needed, patience: float = 0.0) -> None:
        self.needed, self.patience = needed, patience
        self.depth = session().info.get("depth", 0)
        self.decided = False
        self.standby: standbys.Standby | None = None
        self.rows: _FromStandby | None = None

    def session(self) -> Any:
        """The session to read with now."""
        info = session().info
        if info.get("depth", 0) != self.depth or _CHANGED in info:
            return session  # a change that is being made, or was made by this very request
        if not self.decided:
            self.decided = True
            self._choose()
        return session if self.rows is None or self.standby is None else self.rows

    def _choose(self) -> None:
        if not (self.patience or standbys.any_serves(db.engine)):
            return
        needed = self.needed()
        self.standby = standbys.fit(*needed, db.engine, patience=self.patience) if needed else None
        if self.standby is not None:
            self.rows = _FromStandby(self.standby.engine, expire_on_commit=False, autoflush=False)
            self.rows.reading = self

    def answered(self, by_standby: Callable[[], Any], by_database: Callable[[], Any]) -> Any:
        """What the standby says; the database where it cannot, and from then on."""
        if self.standby is not None:
            try:
                return by_standby()
            except (DBAPIError, PoolTimeout) as error:
                if getattr(getattr(error, "orig", None), "sqlstate", None) == _TOO_LONG:
                    raise
                self.give_up(error)
        return by_database()

    def give_up(self, error: SQLAlchemyError) -> None:
        """From now on the database answers, also for what belongs to rows that the standby has told."""
        if self.standby is not None:
            log.warning("standby %s: the database is asked instead: %s", self.standby.name, error)
            if getattr(error, "connection_invalidated", False):
                self.standby.fail()
        self.standby = None

    def end(self) -> None:
        """Give the connection back."""
        if self.rows is not None:
            with suppress(SQLAlchemyError):
                self.rows.close()


@event.listens_for(_FromStandby, "do_orm_execute")
def _answer(state: ORMExecuteState) -> Any:
    def by_database() -> Any:
        return session.execute(state.statement, state.parameters, execution_options=state.execution_options)

    reading: Reading = state.session.reading  # type: ignore[attr-defined]
    return reading.answered(state.invoke_statement, by_database)


class _Shown:
    """As a session, for statements whose rows are only shown."""

    @staticmethod
    def _session() -> Any:
        reading = session().info.get(_READING)
        return session if reading is None else reading.session()

    def rows(self, kept: Kept, values: Mapping[str, Any]) -> list[Any]:
        """All rows of a kept statement."""
        asked = self._session()
        if asked is session:
            return kept.rows(values)
        reading: Reading = asked.reading
        return list(reading.answered(lambda: kept.rows(values, by=asked), lambda: kept.rows(values)))

    def execute(self, statement: Any, values: Any = None) -> Any:
        """All rows of a statement."""
        return self._session().execute(statement, values)

    def scalar(self, statement: Any, values: Any = None) -> Any:
        """The first column of its first row."""
        return self._session().scalar(statement, values)

    def scalars(self, statement: Any, values: Any = None) -> Any:
        """The first column of each row."""
        return self._session().scalars(statement, values)

    def query(self, *entities: Any) -> Any:
        """The same in the older way, as FAB's filters take it."""
        return self._session().query(*entities)

    def expunge(self, row: Any) -> None:
        """Let go of a row, whoever told it."""
        holder = object_session(row)
        if holder is not None:
            holder.expunge(row)

    def expunge_all(self) -> None:
        """Let go of all that was read."""
        session.expunge_all()
        reading = session().info.get(_READING)
        if reading is not None and reading.rows is not None:
            reading.rows.expunge_all()


shown = _Shown()


def counting(queries: Mapping[str, Select[Any]]) -> Select[Any]:
    """The one statement that counts the rows of these, under their names."""
    counts = {name: select(func.count()).select_from(query.subquery()) for name, query in queries.items()}
    return select(*(count.scalar_subquery().label(name) for name, count in counts.items()))


def counted(queries: Mapping[str, Select[Any]]) -> dict[str, int]:
    """How many rows each of these statements has, by its name; all in one statement."""
    return dict(shown.execute(counting(queries)).mappings().one()) if queries else {}


def begin_reading(needed: Needed) -> None:
    """From now on this request only reads; `needed` is asked before its first list."""
    session().info[_READING] = Reading(needed)


def end_reading() -> None:
    """The request is over."""
    reading = session().info.pop(_READING, None)
    if reading is not None:
        reading.end()


@contextmanager
def reading_for(user_id: int) -> Iterator[None]:
    """What the block shows was written by now: for jobs, which can wait a while for a standby."""
    if not standbys.standbys():
        yield
        return
    info = session().info
    info.pop(_CHANGED, None)  # it was committed, hence lies before the place that is asked for
    before = info.get(_READING)
    reading = info[_READING] = Reading(lambda: (place_now(), user_id), patience=standbys.SILENCE)
    try:
        yield
    finally:
        info[_READING] = before
        reading.end()


def place_now() -> int:
    """Up to where the log of the database is written now: whatever was committed before lies before it.

    A commit is acknowledged once it is flushed; with `synchronous_commit = off` before, then all that was put in counts.
    What a transaction that still runs has put in may lie unflushed for long, and nobody waits for it.
    """
    return int(session.scalar(_PLACE))


def listen() -> None:
    """Take notice of changes from now on; called where there are standbys."""
    if not event.contains(db.session, "after_commit", _note):
        event.listen(db.session, "after_commit", _note)


def _note(held: Session) -> None:
    if not held.info.get(_ASIDE):
        held.info[_CHANGED] = True


def has_changed() -> bool:
    """Whether this request has changed anything that lists can show."""
    return _CHANGED in session().info
