"""Lists for the API and for exports: scope, filters, order and page of one query in one place."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.models.filters import Filters
from flask_babel import lazy_gettext as _
from sqlalchemy import select, union

from app.access import looks
from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.errors import Conflict, Malformed
from app.base.replicas import shown
from app.fab.conditions import InScope, Where
from app.fab.datamodel import ScopedInterface
from app.fab.forms import unknown
from app.fab.search import SearchFilter, as_text
from app.web import payload
from app.web.numbers import is_whole
from app.web.sheets import Counted

EXPORT_CAP = 50_000  # the ids are held in memory while the rows are read
_CHUNK = 1000

Kinds = tuple[type[SearchFilter], ...]


@dataclass(frozen=True)
class Listed:
    """One page of a list: its rows, how many there are in all, and which parameters lead to the next page."""

    count: int
    rows: list[Any]
    following: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Listing:
    """What one list offers: the model, the columns that may be searched and how, and those that may order it.

    `search` maps a column to its filters; None stands for those that fit the column's type. `find` are the columns in
    which the one text of `search=` may stand, `choices` those whose values are known. `scoped=False` is for data that
    everybody may read, such as code tables.
    """

    interface: ScopedInterface
    search: Mapping[str, Kinds | None] = field(default_factory=dict)
    order: Sequence[str] = ("id",)
    scoped: bool = True
    find: Sequence[tuple[str, type[SearchFilter]]] = ()
    choices: Mapping[str, Callable[[], Collection[str]]] = field(default_factory=dict)

    def filters(self, q: Mapping[str, Any], actor: Actor, *conditions: Any) -> Filters:
        """The filters of a query `q` within the actor's scope; raises Malformed for what the list does not offer."""
        filters = Filters(self.interface.filter_converter_class, self.interface)
        if self.scoped:
            filters.add_filter("id", InScope, lambda: actor)
        for condition in conditions:
            filters.add_filter("id", Where, condition)
        for column, operation, value in payload.conditions(dict(q)):
            kind = self._kind(column, operation)
            self._refuse_unknown(column, value)
            filters._add_filter(kind, value)
        if q.get("search"):
            filters.add_filter("id", Where, self.found(q["search"], actor))
        return filters

    def found(self, text: Any, actor: Actor) -> Any:
        """The condition that the text stands in one of the columns of `find`: each is asked by its own index."""
        model, said = self.interface.obj, as_text(text)
        scope = [in_scope(model, actor)] if self.scoped else []
        ways = [kind(column, self.interface).condition(said) for column, kind in self.find]
        return model.id.in_(union(*(select(model.id).where(way, *scope) for way in ways)))

    def page(self, q: dict[str, Any], actor: Actor, *conditions: Any) -> Listed:
        """Exact count and the rows of the page that `q` asks for, by number or behind a cursor."""
        looks.note_list(looks.READ_LIST, self.interface.obj)
        filters = self.filters(q, actor, *conditions)
        number, size = payload.paging(q)
        column, direction = self._ordering(q)
        if "cursor" in q:
            return self._behind(q["cursor"], filters, column, direction, size)
        ids = self.interface.ids(filters, column, direction, offset=number * size, limit=size)
        complete = len(ids) < size and (ids or not number)
        count = number * size + len(ids) if complete else self.interface.count(filters)
        following: dict[str, Any] | None = None
        if count > number * size + len(ids) and ids:
            by_id = column in ("", "id") and "page" not in q
            following = {"cursor": _cursor(ids[-1])} if by_id else {"page": number + 1}
        return Listed(count, self.interface.rows(ids), following)

    def _ordering(self, q: dict[str, Any]) -> tuple[str, str]:
        return payload.ordering(q, tuple(self.order))

    def _behind(self, cursor: Any, filters: Filters, column: str, direction: str, size: int) -> Listed:
        """The rows behind the one where the last page ended. They come by id, which no change of a row moves."""
        if column not in ("", "id"):
            raise Malformed(
                _("With a cursor the rows come in the order of their ids: leave out order, or send id or -id.")
            )
        count, rising = self.interface.count(filters), bool(column) and direction == "asc"
        if cursor:
            key, last = self.interface.get_pk(), _last(cursor)
            filters.add_filter("id", Where, key > last if rising else key < last)
        ids = self.interface.ids(filters, "id", "asc" if rising else "desc", limit=size + 1)
        following = {"cursor": _cursor(ids[size - 1])} if len(ids) > size else None
        return Listed(count, self.interface.rows(ids[:size]), following)

    def all_rows(self, q: dict[str, Any], actor: Actor, *conditions: Any) -> Counted:
        """Every row of the query in order, read in chunks; raises Conflict when there are too many."""
        filters = self.filters(q, actor, *conditions)
        column, direction = self._ordering(q)
        return rows_in_chunks(self.interface, filters, column, direction)

    def all_ids(self, q: dict[str, Any], actor: Actor) -> list[int]:
        """The ids of every row of the query, in order; raises Conflict when there are too many."""
        column, direction = self._ordering(q)
        return ids_of(self.interface, self.filters(q, actor), column, direction)

    def offered(self, column: str) -> list[SearchFilter]:
        """The ways in which a column can be searched."""
        declared = self.search[column]
        if declared is None:
            return list(self.interface.filter_converter_class(self.interface).convert(column))
        return [kind(column, self.interface) for kind in declared]

    def _refuse_unknown(self, column: str, value: Any) -> None:
        if column not in self.choices:
            return
        known = self.choices[column]()
        for one in value if isinstance(value, list) else [value]:
            if one not in known:
                words = _("“%(value)s” is none of: %(known)s.", value=str(one)[:40], known=", ".join(known))
                raise Malformed(words, "unknown_value", parameters=list(known))

    def _kind(self, column: str, operation: str) -> SearchFilter:
        if column not in self.search:
            raise unknown(column, list(self.search))
        offered = self.offered(column)
        for one in offered:
            if one.arg_name == operation:
                return one
        names = ", ".join(str(one.arg_name) for one in offered)
        raise Malformed(_("“%(column)s” can be searched with: %(names)s.", column=column, names=names))


def _cursor(last: int) -> str:
    return base64.urlsafe_b64encode(f"id:{last}".encode()).decode().rstrip("=")


def _last(cursor: Any) -> int:
    try:
        text = base64.urlsafe_b64decode(f"{cursor}{'=' * (-len(str(cursor)) % 4)}").decode()
        kind, _colon, number = text.partition(":")
        if kind == "id" and is_whole(number, most=10**18 - 1):
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise Malformed(_("This cursor is none of this list. Please begin again without one."))


def rows_in_chunks(interface: ScopedInterface, filters: Filters, column: str, direction: str) -> Counted:
    """All rows of a filtered list, 1,000 at a time, so that memory stays flat; raises Conflict beyond EXPORT_CAP."""
    ids = ids_of(interface, filters, column, direction)
    return Counted(len(ids), _chunks(interface, ids))


def ids_of(interface: ScopedInterface, filters: Filters, column: str, direction: str) -> list[int]:
    """The ids of a filtered list; raises Conflict beyond EXPORT_CAP."""
    ids = interface.ids(filters, column, direction, limit=EXPORT_CAP + 1)
    if len(ids) > EXPORT_CAP:
        raise Conflict(
            _("More than %(most)s rows match. Please narrow the search and download in parts.", most=EXPORT_CAP),
            "too_many_rows",
        )
    return ids


def _chunks(interface: ScopedInterface, ids: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(ids), _CHUNK):
        yield from interface.rows(ids[start : start + _CHUNK])
        shown.expunge_all()
