"""The one database session and the one way to make a change: inside transaction()."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from select import POLLIN, poll
from typing import Any

import psycopg._queries
from flask_appbuilder import Model as Model
from flask_appbuilder.models.sqla.base import SQLA
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from app.base.settings import once
from config import Settings

# FAB's own tables live in the same metadata; names make migrations able to drop constraints.
Model.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class _Columns(Sequence[Any]):
    """What the columns of a result are, told when somebody asks: SQLAlchemy knows it since a statement's first time, and
    looks only whether there are any.
    """

    def __init__(self, cursor: Any, count: int) -> None:
        self._cursor, self._count = cursor, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: Any) -> Any:
        return self._cursor.described()[at]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.described())


class _Cursor(psycopg.Cursor[Any]):
    def described(self) -> Any:
        """What the driver says of the columns."""
        return super().description

    @property
    def description(self) -> Any:
        """The driver's hook."""
        result = self.pgresult
        return _Columns(self, result.nfields) if result is not None and result.nfields else super().description


@event.listens_for(Pool, "connect")
def _told_in_few_steps(connection: Any, _record: Any) -> None:
    connection.cursor_factory = _Cursor


# The driver keeps where the values of a statement stand, but of none as long as the pages' statements are.
psycopg._queries.MAX_CACHED_STATEMENT_LENGTH = 16_384
psycopg._queries.MAX_CACHED_STATEMENT_PARAMS = 100


@event.listens_for(Pool, "checkout")
def _still_there(connection: Any, _record: Any, _proxy: Any) -> None:
    """A kept connection to which the server has said something while it was idle has ended, or is about to.

    Looked at without asking the server: a question would cost each request a way there and back before its first
    statement. A server that vanishes in silence is noticed by no question sooner than by the statement itself.
    """
    if connection.closed or _is_heard(connection.fileno()):
        raise InvalidatePoolError("The server has closed the connection.")


def _is_heard(number: int) -> bool:
    """Whether something can be read from the socket of this number, or it was hung up."""
    waiting = poll()
    waiting.register(number, POLLIN)
    return bool(waiting.poll(0))


db = SQLA(session_options={"expire_on_commit": False})
session = db.session


@contextmanager
def transaction(*, aside: bool = False) -> Iterator[None]:
    """One unit of work: the outermost block commits, any exception undoes all of it.

    Blocks may nest; an inner block joins the outer one. Functions given to on_commit() run after the commit.
    `aside`: it notes that somebody was here, and changes nothing that a list shows them.
    """
    info = session().info
    info["depth"] = info.get("depth", 0) + 1
    try:
        yield
        if info["depth"] == 1:
            info["aside"] = aside
            session.commit()
    except BaseException:
        if info["depth"] == 1:
            session.rollback()
            info.pop("after_commit", None)
        raise
    finally:
        info["depth"] -= 1
        info.pop("aside", None)
    if info["depth"] == 0:
        _call(info.pop("after_commit", ()))


def let_go() -> None:
    """What was read is forgotten, so that no change of it can be written; the transaction goes on, unless it has failed.

    Whoever only adds a line at the end needs no other transaction for it.
    """
    held = session()
    if held.in_transaction() and _goes_on(held.connection()):
        held.expunge_all()
    else:
        held.close()


def _goes_on(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status != TransactionStatus.INERROR)


def _call(registered: Iterable[tuple[Callable[..., None], tuple[Any, ...]]]) -> None:
    gathered: dict[Callable[..., None], list[Any]] = {}
    for call, given in registered:
        gathered.setdefault(call, []).extend(given)
    for call, everything in gathered.items():
        call(*everything)


@contextmanager
def savepoint() -> Iterator[None]:
    """Let one of many fail alone: what the block did is undone on an exception, the rest stays."""
    nested = session.begin_nested()
    pending = len(session().info.get("after_commit", ()))
    try:
        yield
        nested.commit()
    except BaseException:
        nested.rollback()
        del session().info.get("after_commit", [])[pending:]
        raise


@contextmanager
def apart() -> Iterator[None]:
    """One of many that may fail alone: a transaction of its own, or a savepoint of the one that is running."""
    with savepoint() if session().info.get("depth") else transaction():
        yield


@contextmanager
def lasting() -> Iterator[Session]:
    """A session of its own, committed at the end: its rows stay when the running transaction is undone.

    For what has to be told although it is refused, such as alarms. It goes past a pooler: where everybody holds one of
    its few connections and waits for a second one, nobody would ever go on.
    """
    with Session(_past_a_pooler() or db.engine, expire_on_commit=False) as own:
        yield own
        own.commit()


@once
def _past_a_pooler(settings: Settings) -> Engine | None:
    if not settings.direct_url:
        return None
    return create_engine(settings.direct_url, pool_size=1, max_overflow=15)


def on_commit(call: Callable[..., None], *given: Any) -> None:
    """Run `call` once the running transaction has been committed; never when it is rolled back.

    The same function runs once, with everything that it was given in the course of the transaction.
    """
    session().info.setdefault("after_commit", []).append((call, given))
