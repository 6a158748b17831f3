"""Lists for the API and for exports: scope, filters, order and page of one query in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_babel import lazy_gettext as _

from app.access import looks
from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.errors import Conflict, Malformed
from app.fab.datamodel import ScopedInterface
from app.fab.search import SearchFilter
from app.web import payload
from app.web.sheets import Counted

EXPORT_CAP = 50_000  # the ids are held in memory while the rows are read
_CHUNK = 1000

Kinds = tuple[type[SearchFilter], ...]


class InScope(BaseFilter):
    """The rows that an actor may reach (R1.7); the value is a function that gives the actor."""

    name, arg_name = "in scope", None

    def apply(self, query: Any, value: Any) -> Any:
        """The query narrowed to the actor's scope."""
        return query.filter(in_scope(self.model, value()))


class Where(BaseFilter):
    """A fixed condition of the list; the value is the SQL condition."""

    name, arg_name = "where", None

    def apply(self, query: Any, value: Any) -> Any:
        """The query narrowed by the condition."""
        return query.filter(value)


@dataclass(frozen=True)
class Listing:
    """What one list offers: the model, the columns that may be searched and how, and those that may order it.

    `search` maps a column to its filters; None stands for those that fit the column's type. `scoped=False` is for
    data that everybody may read, such as code tables.
    """

    interface: ScopedInterface
    search: Mapping[str, Kinds | None] = field(default_factory=dict)
    order: Sequence[str] = ("id",)
    scoped: bool = True

    def filters(self, q: Mapping[str, Any], actor: Actor, *conditions: Any) -> Filters:
        """The filters of a query `q` within the actor's scope; raises Malformed for what the list does not offer."""
        filters = Filters(self.interface.filter_converter_class, self.interface)
        if self.scoped:
            filters.add_filter("id", InScope, lambda: actor)
        for condition in conditions:
            filters.add_filter("id", Where, condition)
        for column, operation, value in payload.conditions(dict(q)):
            filters._add_filter(self._kind(column, operation), value)
        return filters

    def page(self, q: dict[str, Any], actor: Actor, *conditions: Any) -> tuple[int, list[Any]]:
        """Exact count and the rows of the page that `q` asks for."""
        looks.note_list(looks.READ_LIST, self.interface.obj)
        filters = self.filters(q, actor, *conditions)
        number, size = payload.paging(q)
        column, direction = payload.ordering(q, tuple(self.order))
        ids = self.interface.ids(filters, column, direction, offset=number * size, limit=size)
        complete = len(ids) < size and (ids or not number)
        count = number * size + len(ids) if complete else self.interface.count(filters)
        return count, self.interface.rows(ids)

    def all_rows(self, q: dict[str, Any], actor: Actor, *conditions: Any) -> Counted:
        """Every row of the query in order, read in chunks; raises Conflict when there are too many."""
        filters = self.filters(q, actor, *conditions)
        column, direction = payload.ordering(q, tuple(self.order))
        return rows_in_chunks(self.interface, filters, column, direction)

    def offered(self, column: str) -> list[SearchFilter]:
        """The ways in which a column can be searched."""
        declared = self.search[column]
        if declared is None:
            return list(self.interface.filter_converter_class(self.interface).convert(column))
        return [kind(column, self.interface) for kind in declared]

    def _kind(self, column: str, operation: str) -> SearchFilter:
        if column not in self.search:
            raise Malformed(_("This list cannot be searched by “%(column)s”.", column=column[:64]))
        offered = self.offered(column)
        for one in offered:
            if one.arg_name == operation:
                return one
        names = ", ".join(str(one.arg_name) for one in offered)
        raise Malformed(_("“%(column)s” can be searched with: %(names)s.", column=column, names=names))


def rows_in_chunks(interface: ScopedInterface, filters: Filters, column: str, direction: str) -> Counted:
    """All rows of a filtered list, 1,000 at a time, so that memory stays flat; raises Conflict beyond EXPORT_CAP."""
    ids = interface.ids(filters, column, direction, limit=EXPORT_CAP + 1)
    if len(ids) > EXPORT_CAP:
        raise Conflict(
            _("More than %(most)s rows match. Please narrow the search and download in parts.", most=EXPORT_CAP),
            "too_many_rows",
        )
    return Counted(len(ids), _chunks(interface, ids))


def _chunks(interface: ScopedInterface, ids: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(ids), _CHUNK):
        yield from interface.rows(ids[start : start + _CHUNK])
        interface.session.expunge_all()
