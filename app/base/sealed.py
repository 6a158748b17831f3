"""Columns whose values are sealed for their row: what is read elsewhere than where it was written does not open.

The row's key has to be there on the way in and on the way out. *Out*: every SELECT and RETURNING brings it along in the
same column (`column_expression`), so no statement can read a value without the row that it stands in. *In*: the mapper
events below give each value the key of its object before it is written; what is written without an object, by insert()
or update(), gets it by at(). A value without a row is refused.

A key that the database would give only at the INSERT is drawn from the table's sequence before the flush, all of a
table with one statement. Tables with another lasting key need none: `info={"sealed_by": ("reference",)}` names it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, Text, cast, event, func, literal_column, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Mapper, Session, object_mapper
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.types import TypeDecorator

from app.base import packing
from app.base.crypto import ADDED, head, open_sealed, place_of, seal

_JOIN = "|"  # between the parts of a key


class _At:
    row: str


class _TextAt(_At, str):
    pass


class _BytesAt(_At, bytes):
    pass


class _DictAt(_At, dict[str, Any]):
    pass


class _ListAt(_At, list[Any]):
    pass


_KINDS: dict[type, Any] = {str: _TextAt, bytes: _BytesAt, dict: _DictAt, list: _ListAt}


def at(value: Any, *row: Any) -> Any:
    """The same value, to be written into the row of this key; for statements without an object."""
    if value is None:
        return None
    kind = next(kind for plain, kind in _KINDS.items() if isinstance(value, plain))
    placed = kind(value)
    placed.row = _JOIN.join(map(str, row))
    return placed


def stored(column: Any, value: Any, *row: Any) -> Any:
    """What stands in the column of that row once `value` is written; for COPY, which no type takes part in."""
    return column.type.process_bind_param(at(value, *row), None)


def key_columns(table: Table) -> tuple[Any, ...]:
    """The columns that name a row of the table for ever."""
    names = table.info.get("sealed_by")
    return tuple(table.c[name] for name in names) if names else tuple(table.primary_key.columns)


def row_text(table: Table, column_in: Callable[[Any], Any] = lambda column: column) -> Any:
    """The SQL of a row's key as text, the same as at() makes of it."""
    keys = [column_in(column) for column in key_columns(table)]
    return cast(keys[0], Text) if len(keys) == 1 else func.concat_ws(literal_column(f"'{_JOIN}'"), *keys)


def _row_beside(column: Any) -> Any:
    """The key of the row in which this column is selected, whatever its table is called there."""
    column = getattr(column, "element", column)  # a label's
    table = getattr(column, "table", None)
    if table is None:
        raise InvalidRequestError(f"{column}: a sealed value is read as the column that it is")
    (base,) = {one.table for one in column.base_columns}

    def there(key: Any) -> Any:
        found = table.corresponding_column(key)
        if found is None:
            raise InvalidRequestError(f"{column} is sealed for its row: select {key} with it")
        return found

    return row_text(base, there)


class _Sealed(TypeDecorator[Any]):
    impl = LargeBinary
    cache_ok = True
    place = ""  # table.column; the event below sets it

    def column_expression(self, column: Any) -> Any:
        """The row's key, a zero, the value."""
        row = func.convert_to(_row_beside(column), literal_column("'UTF8'"))
        joined = row.op("||")(literal_column(r"'\x00'::bytea")).op("||")(type_coerce(column, LargeBinary))
        return type_coerce(joined, self)

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Sealed on the way in."""
        return None if value is None else seal(self.packed(value), place_of(self.place, _row_of(value, self.place)))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Opened on the way out."""
        if value is None:
            return None
        row, _zero, sealed = bytes(value).partition(b"\0")
        return self.unpacked(open_sealed(sealed, place_of(self.place, row.decode())))

    def anew(self, stored: bytes, row: str) -> bytes:
        """What is stored in that row, sealed by the newest key; the same where it is already."""
        place = place_of(self.place, row)
        if stored.startswith(head()):
            return stored
        return seal(self.packed(self.unpacked(open_sealed(stored, place))), place)

    @staticmethod
    def packed(value: Any) -> bytes:
        """The value as bytes."""
        return bytes(value)

    @staticmethod
    def unpacked(content: bytes) -> Any:
        """The bytes as value."""
        return content


class EncryptedBytes(_Sealed):
    """A file that is stored encrypted."""

    cache_ok = True


class EncryptedText(_Sealed):
    """A text column that is stored encrypted."""

    cache_ok = True

    @staticmethod
    def packed(value: str) -> bytes:
        """In UTF-8."""
        return value.encode()

    @staticmethod
    def unpacked(content: bytes) -> str:
        """From UTF-8."""
        return content.decode()


class EncryptedJson(_Sealed):
    """A JSON document that holds personal data and is stored encrypted as a whole."""

    cache_ok = True

    @staticmethod
    def packed(value: Any) -> bytes:
        """In its shortest form."""
        return packing.packed(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    @staticmethod
    def unpacked(content: bytes) -> Any:
        """The document."""
        return json.loads(packing.unpacked(content))


_MARK = "sealed:"


class PersonalJson(TypeDecorator[Any]):
    """A JSON document that statements look into, in which the texts under some names are stored encrypted.

    Each is bound to its row and to its way through the document.
    """

    impl = JSONB
    cache_ok = True
    place = ""

    def __init__(self, *names: str) -> None:
        super().__init__(none_as_null=True)
        self.names = names

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """Parts of the document are compared as JSON compares them."""
        return self.impl_instance.coerce_compared_value(op, value)

    def column_expression(self, column: Any) -> Any:
        """The row's key, a space, the document."""
        row = func.replace(_row_beside(column), literal_column("' '"), literal_column("'_'"))
        joined = row.op("||")(literal_column("' '")).op("||")(cast(column, Text))
        return type_coerce(joined, self)

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Its personal texts are sealed on the way in."""
        return _changed(value, self.names, lambda said, way: self._closed(said, way, value))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """And opened on the way out."""
        if value is None:
            return None
        row, _space, content = value.partition(" ")
        document = json.loads(content)
        if _MARK not in content:
            return document
        return _changed(document, self.names, lambda said, way: self.opened(said, way, row))

    def _closed(self, said: str, way: str, document: Any) -> str:
        return closed_text(said, f"{self.place}{way}", _row_of(document, self.place))

    def opened(self, said: str, way: str, row: str) -> str:
        """One text of the document; what a version before has left in clear is as it is."""
        if not said.startswith(_MARK):
            return said
        return open_sealed(_bytes_of(said), place_of(f"{self.place}{way}", row)).decode()

    def heads(self, document: Any) -> list[bytes]:
        """How each of its personal texts begins as it is stored; b"" for one in clear."""
        found: list[bytes] = []

        def note(said: str, _way: str) -> str:
            found.append(_bytes_of(said)[: len(head())] if said.startswith(_MARK) else b"")
            return said

        _changed(document, self.names, note)
        return found

    def anew(self, stored: Any, row: str) -> Any:
        """The document as stored in that row, its personal texts sealed by the newest key."""
        if set(self.heads(stored)) <= {head()}:
            return stored
        return _changed(
            stored, self.names, lambda said, way: closed_text(self.opened(said, way, row), f"{self.place}{way}", row)
        )


def _bytes_of(said: str) -> bytes:
    return base64.urlsafe_b64decode(said.removeprefix(_MARK))


def closed_text(said: str, place: str, row: object) -> str:
    """A text as it stands in a document, sealed."""
    return _MARK + base64.urlsafe_b64encode(seal(said.encode(), place_of(place, row))).decode()


def _changed(value: Any, names: tuple[str, ...], change: Callable[[str, str], str], way: str = "") -> Any:
    """The document with each text under one of the names changed."""
    if isinstance(value, dict):
        return {
            name: change(inner, f"{way}.{name}")
            if name in names and isinstance(inner, str) and inner
            else _changed(inner, names, change, f"{way}.{name}")
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_changed(inner, names, change, way) for inner in value]
    return value


def _row_of(value: Any, place: str) -> str:
    row = getattr(value, "row", None)
    if row is None:
        raise InvalidRequestError(f"{place}: a value is sealed for its row; say which it is by at()")
    return str(row)


def holds_something(column: Any) -> Any:
    """SQL: whether an EncryptedJson is another document than an empty one; its length tells it."""
    return func.octet_length(type_coerce(column, LargeBinary)) > ADDED + len("{}")


def is_sealed(column: Any) -> bool:
    """Whether something of the column is stored encrypted."""
    return isinstance(column.type, _Sealed | PersonalJson)


@event.listens_for(Column, "after_parent_attach")
def _take_place(column: Column[Any], table: Any) -> None:
    if is_sealed(column) and isinstance(table, Table):
        its: Any = column.type
        its.place = f"{table.name}.{column.name}"


@cache
def _sealed_attributes(mapper: Mapper[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((one.key, one.columns[0]) for one in mapper.column_attrs if is_sealed(one.columns[0]))


def _table_of(mapper: Mapper[Any]) -> Table:
    assert isinstance(mapper.local_table, Table)
    return mapper.local_table


@cache
def _key_attributes(mapper: Mapper[Any]) -> tuple[str, ...]:
    return tuple(mapper.get_property_by_column(column).key for column in key_columns(_table_of(mapper)))


@event.listens_for(Mapper, "before_insert")
def _place_new(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
    for name, column in _sealed_attributes(mapper):
        if target.__dict__.get(name) is None and column.default is not None:
            target.__dict__[name] = column.default.arg(None)
        _place(mapper, target, name)


@event.listens_for(Mapper, "before_update")
def _place_changed(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
    changed = instance_state(target).committed_state
    for name, _column in _sealed_attributes(mapper):
        if name in changed:
            _place(mapper, target, name)


def _place(mapper: Mapper[Any], target: Any, name: str) -> None:
    value = target.__dict__.get(name)
    if value is not None:
        # The wrapped value equals the other one: what is in memory stays what it was.
        target.__dict__[name] = at(value, *(getattr(target, key) for key in _key_attributes(mapper)))


@event.listens_for(Session, "before_flush")
def _draw_keys(session: Session, _context: Any, _instances: Any) -> None:
    waiting: dict[str, list[Any]] = {}
    for one in sorted(session.new, key=lambda one: instance_state(one).insert_order or 0):
        mapper = object_mapper(one)
        sealed = _sealed_attributes(mapper)
        if not sealed or _key_attributes(mapper) != ("id",) or one.id is not None:
            continue
        if any(column.default is not None or one.__dict__.get(name) for name, column in sealed):
            waiting.setdefault(_table_of(mapper).name, []).append(one)
    for table, objects in waiting.items():
        for one, key in zip(objects, draw_ids(session, f"{table}_id_seq", len(objects)), strict=True):
            one.id = key


def draw_ids(session: Any, sequence: str, count: int) -> list[int]:
    """The next `count` ids of a table."""
    drawn = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
    with session.no_autoflush:
        return list(session.scalars(drawn, {"sequence": sequence, "count": count})) if count else []
