"""Statements that are put together once and sent again and again, without being built or looked at anew.

What SQLAlchemy does for each statement (asks what it is, looks for what it was compiled to, describes its result, plans
how objects are made of it) takes longer than the database needs to answer one of a page. `Kept` does it the first time:
from then on its text and its values go straight to the driver, in the session's own transaction.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from app.base.database import session
from app.base.loaded import Loaded, loaded_by

_Ready = Callable[[Any], Any] | None  # makes a value ready for the driver, or for the reader
_NONE: Mapping[str, Any] = {}
_MOST_LENGTHS: Final = 64


class _Text(NamedTuple):
    """What goes to the driver."""

    text: str
    fixed: Mapping[str, Any]  # values that stand in the statement itself
    given: Sequence[tuple[str, str, _Ready]]  # what is told, and under what name it goes
    lists: Sequence[tuple[str, Sequence[str], _Ready]]  # the same of each of a list


class Kept:
    """A statement whose values are told by the names of its parameters.

    Its rows have plain columns; where it selects a model they are objects of the session, with the relations that its
    options join (NotJoinedError for others). One whose parameters are lists (`expanding`) has a text for each of their
    lengths.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: Any = None
        self._texts: dict[Any, _Text] = {}
        self._make: Callable[[Sequence[Any]], Any] | None = None
        self._ready: Sequence[_Ready] | None = None  # None where every column is as the driver tells it
        self._objects: Loaded | None = None

    def rows(self, values: Mapping[str, Any] = _NONE, by: Session | None = None) -> list[Any]:
        """All rows, their columns by name or place; `by` is the session that asks, if not the running one."""
        asking = session() if by is None else by
        cursor = self._sent(values, asking)
        if self._make is None:
            self._describe(cursor, asking.connection().dialect)
        found = cursor.fetchall()
        return self._read(found) if self._objects is None else self._objects.read(found, asking)

    def send(self, values: Mapping[str, Any]) -> None:
        """Of a statement that changes something, and tells no rows."""
        self._sent(values, session())

    def _sent(self, values: Mapping[str, Any], asking: Session) -> Any:
        asking._autoflush()
        connection = asking.connection()
        kept = self._text(values, connection.dialect)
        sent = {**kept.fixed}
        for told, name, ready in kept.given:
            sent[name] = values[told] if ready is None else ready(values[told])
        for told, names, ready in kept.lists:
            sent.update(zip(names, values[told] if ready is None else map(ready, values[told]), strict=True))
        return _answer(connection, kept.text, sent)

    def first(self, values: Mapping[str, Any] = _NONE, by: Session | None = None) -> Any:
        """The first row, or None."""
        return next(iter(self.rows(values, by)), None)

    def scalar(self, values: Mapping[str, Any] = _NONE, by: Session | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self.first(values, by)
        return None if row is None else row[0]

    def _text(self, values: Mapping[str, Any], dialect: Dialect) -> _Text:
        lengths = tuple([(name, len(value)) for name, value in values.items() if type(value) in (tuple, list)])
        found = self._texts.get(lengths)
        if found is None:
            if self._compiled is None:
                self._compiled = self._statement.compile(dialect=dialect)
                loaded_by(self._compiled, [None] * len(self._compiled._result_columns))  # refuses before it is sent
            if len(self._texts) >= _MOST_LENGTHS:
                self._texts.clear()
            found = self._texts[lengths] = _text_of(self._compiled, values)
        return found

    def _describe(self, cursor: Any, dialect: Dialect) -> None:
        columns = self._compiled._result_columns
        told = zip(columns, cursor.description, strict=True)
        ready = [column.type._cached_result_processor(dialect, one.type_code) for column, one in told]
        self._objects = loaded_by(self._compiled, ready)
        self._ready = ready if any(ready) else None
        names: Any = [column.keyname for column in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._make = row._make

    def _read(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        make, ready = self._make, self._ready
        assert make is not None
        if ready is None:
            return [make(row) for row in found]
        return [
            make([value if of is None else of(value) for of, value in zip(ready, row, strict=True)]) for row in found
        ]


def by_key(model: Any, *key: Any, options: tuple[Any, ...] = ()) -> Any:
    """The object of this key: the session's own where it has it, else read with what the options join; None for none."""
    held = session().identity_map.get((model, key, None))
    if held is not None and not instance_state(held).expired:
        return held
    return _by_key(model, options).first({f"key_{at}": one for at, one in enumerate(key)})


@lru_cache(maxsize=256)
def _by_key(model: Any, options: tuple[Any, ...]) -> Kept:
    columns = inspect(model).primary_key
    same = (column == bindparam(f"key_{at}", type_=column.type) for at, column in enumerate(columns))
    return Kept(select(model).where(*same).options(*options))


def _text_of(compiled: Any, values: Mapping[str, Any]) -> _Text:
    state = compiled.construct_expanded_state(values, escape_names=False)
    ready = {**compiled._bind_processors, **state.processors}
    called = compiled.escaped_bind_names
    fixed = dict(state.parameters)
    given: dict[str, tuple[str, str, _Ready]] = {}
    lists: dict[str, tuple[str, Sequence[str], _Ready]] = {}
    for parameter, name in compiled.bind_names.items():
        if parameter.key not in values:
            continue
        if name in state.parameter_expansion:
            names = state.parameter_expansion[name]
            lists[name] = (parameter.key, names, ready.get(names[0]) if names else None)
        else:
            given[name] = (parameter.key, called.get(name, name), ready.get(name))
            fixed.pop(name, None)
    fixed = {called.get(name, name): ready[name](value) if name in ready else value for name, value in fixed.items()}
    return _Text(state.statement, fixed, [*given.values()], [*lists.values()])


def _answer(connection: Connection, text: str, values: Mapping[str, Any]) -> Any:
    """Send it as SQLAlchemy would: whoever listens hears it, and errors are told in its words."""
    cursor, context = None, SimpleNamespace()
    heard: Any = connection.dispatch if connection._has_events or connection.engine._has_events else None
    try:
        cursor = connection.connection.cursor()
        if heard is not None:
            for listener in heard.before_cursor_execute:
                text, values = listener(connection, cursor, text, values, context, False)
        cursor.execute(text, values)
        if heard is not None:
            heard.after_cursor_execute(connection, cursor, text, values, context, False)
    except BaseException as error:
        connection._handle_dbapi_exception(error, text, dict(values), cursor, None)
    return cursor
