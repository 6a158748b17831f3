"""Objects of a session made of the rows of a kept statement, by a plan that is made once.

The same objects as SQLAlchemy's loading makes, in the session's identity map: what a statement has left out is read when
somebody asks for it, an object that the session has already stays what it is, and gets what it did not have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.context import _MapperEntity
from sqlalchemy.orm.strategies import _JoinedLoader, _LazyLoader, _LoadDeferredColumns

_Ready = Callable[[Any], Any] | None
_Seen = dict[Any, Any]


class NotJoinedError(TypeError):
    """A kept statement joins what it loads; this one would need others behind it."""


class _Kind:
    """One model of the rows, where its columns stand, and what is joined to it."""

    def __init__(self, mapper: Any, path: Any, adapter: Any, plan: _Plan) -> None:
        self.manager, self.identity = mapper.class_manager, mapper._identity_class
        places: dict[str, int] = {}
        self.later: dict[str, Any] = {}  # columns left out of this statement alone
        for column in mapper.column_attrs:
            at = plan.place(column.columns[0], adapter)
            if at is not None:
                places[column.key] = at
            elif not column.deferred:
                self.later[column.key] = _LoadDeferredColumns(column.key)
        self.names = [*places]
        self.take = _taking([*places.values()])
        self.key = _taking([plan.place(column, adapter) for column in mapper.primary_key])
        self.first: Any = plan.place(mapper.primary_key[0], adapter)
        self.ready = [(name, ready) for name, at in places.items() if (ready := plan.ready[at]) is not None]
        self.joined = [
            (relation.key, _Kind(relation.mapper, path[relation][relation.entity], joined, plan))
            for relation in mapper.relationships
            if (joined := plan.joined(relation, path)) is not None
        ]

    def of(self, row: Sequence[Any], asking: Session, seen: _Seen) -> Any:
        """The object in this row, or None. Called for each model of each row: nothing is asked twice."""
        if row[self.first] is None:
            return None
        key = self.key(row)
        if (self, key) in seen:
            return seen[self, key]
        identity = (self.identity, key, None)
        found = asking.identity_map.get(identity)
        if found is not None:
            seen[self, key] = found
            self._fill(row, found, asking, seen)
            return found
        found = seen[self, key] = self.manager.new_instance()
        state = instance_state(found)
        state.key, state.session_id = identity, asking.hash_key
        asking.identity_map._add_unpresent(state, identity)
        if self.later:
            state.callables = {**self.later}
        found.__dict__.update(self._told(row, asking, seen))
        return found

    def _told(self, row: Sequence[Any], asking: Session, seen: _Seen) -> dict[str, Any]:
        told = dict(zip(self.names, self.take(row), strict=True))
        for name, ready in self.ready:
            told[name] = ready(told[name])
        for name, kind in self.joined:
            told[name] = kind.of(row, asking, seen)
        return told

    def _fill(self, row: Sequence[Any], held: Any, asking: Session, seen: _Seen) -> None:
        """What the session's object does not have; what was changed there stays."""
        state, told = instance_state(held), self._told(row, asking, seen)
        unread = state.unloaded
        missing = [name for name in told if name in unread]
        if missing:
            held.__dict__.update((name, told[name]) for name in missing)
            state._commit(held.__dict__, missing)


class _Plan:
    """What a statement was compiled to, asked where each thing stands."""

    def __init__(self, compiled: Any, ready: Sequence[_Ready]) -> None:
        self.compiled_state, self.ready = compiled.compile_state, ready
        self._places = {one: at for at, column in enumerate(compiled._result_columns) for one in column.objects}

    def place(self, column: Any, adapter: Any = None) -> int | None:
        """Where a column stands in the rows; None where it was left out."""
        return self._places.get(adapter.columns[column] if adapter is not None else column)

    def joined(self, relation: Any, path: Any) -> Any:
        """How the columns of a relation are called, where it is joined; raises NotJoinedError for what takes more statements."""
        option = relation._get_context_loader(self.compiled_state, path)
        loader = (
            relation._get_strategy(option.strategy) if option is not None and option.strategy else relation.strategy
        )
        if isinstance(loader, _JoinedLoader) and not relation.uselist:
            return path[relation].get(self.compiled_state.attributes, "eager_row_processor")
        if isinstance(loader, _LazyLoader) and loader.is_class_level:
            return None
        raise NotJoinedError(f"{relation} is not joined.")


class Loaded:
    """The objects, and what stands beside them, of each row."""

    def __init__(self, parts: Sequence[_Kind | int], ready: Sequence[_Ready]) -> None:
        self._parts, self._ready = parts, ready

    def read(self, found: Sequence[Sequence[Any]], asking: Session) -> list[Any]:
        """The object of each row; where columns stand beside it, all of a row."""
        seen: _Seen = {}
        if len(self._parts) == 1:
            only: Any = self._parts[0]
            return [only.of(row, asking, seen) for row in found]
        return [tuple([self._part(one, row, asking, seen) for one in self._parts]) for row in found]

    def _part(self, part: _Kind | int, row: Sequence[Any], asking: Session, seen: _Seen) -> Any:
        if isinstance(part, _Kind):
            return part.of(row, asking, seen)
        ready = self._ready[part]
        return row[part] if ready is None else ready(row[part])


def loaded_by(compiled: Any, ready: Sequence[_Ready]) -> Loaded | None:
    """How the rows of such a statement become objects; None for one that selects columns alone."""
    entities: Sequence[Any] = getattr(compiled.compile_state, "_entities", ())
    if not any(isinstance(one, _MapperEntity) for one in entities):
        return None
    plan = _Plan(compiled, ready)
    return Loaded([_part_of(one, plan) for one in entities], ready)


def joins_all(model: Any, options: Sequence[Any]) -> bool:
    """Whether a statement of this model with these options joins all that it loads."""
    compiled = select(model).options(*options).compile(dialect=postgresql.dialect())
    try:
        return loaded_by(compiled, [None] * len(compiled._result_columns)) is not None
    except NotJoinedError:
        return False


def _part_of(entity: Any, plan: _Plan) -> _Kind | int:
    if isinstance(entity, _MapperEntity):
        return _Kind(entity.mapper, entity.path, None, plan)
    at = plan.place(entity.column)
    if at is None:
        raise TypeError(f"{entity.column} does not stand in the rows of the statement.")
    return at


def _taking(places: Sequence[Any]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What stands at these places of a row."""
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places)
