"""FAB's data model made fast and safe: the ids of a page choose the rows that are read; counts and pages have a cap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache, cached_property, lru_cache
from typing import Any

from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select

from app.base.errors import Malformed, NotFound
from app.base.loaded import joins_all
from app.base.replicas import shown
from app.fab import asked
from app.fab.search import SearchConverter
from app.web.numbers import row_id
from app.web.paging import COUNT_CAP


class ScopedInterface(SQLAInterface):
    """One model as FAB's views see it.

    `eager` gives the loader options of a list row; without it the model's own eager_options() are used, so that a
    page costs the same number of statements whatever its number of rows.
    """

    filter_converter_class = SearchConverter

    def __init__(self, obj: Any, eager: Callable[[], Sequence[Any]] | None = None, session: Any = None) -> None:
        super().__init__(obj, session)
        options: Callable[[], Sequence[Any]] = getattr(obj, "eager_options", tuple)
        self._eager = cache(eager or options)
        self.computed: Mapping[str, Callable[[Any], Any]] = {}
        self.beside: Mapping[str, Callable[[], Any]] = {}  # what is no column: an expression read with each row
        self.values: Callable[[], Mapping[str, Any]] = dict  # what such an expression has as parameters
        self.orders: Mapping[str, Callable[[], Sequence[Any]]] = {}  # orders that are no column's
        self.left_out: Sequence[Any] = ()  # loader options of a page on screen for what none of its rows shows
        self.ordered_by: Mapping[str, Any] = {}  # columns of a list that are ordered by an expression

    @property
    def eager(self) -> tuple[Any, ...]:
        """Loader options for a row of a list or a single record."""
        return tuple(self._eager())

    def _get_attr_value(self, item: Any, col: str) -> Any:
        """FAB's reader of cells; columns that the model does not have are computed from the row."""
        return self.computed[col](item) if col in self.computed else super()._get_attr_value(item, col)

    def get_values(self, lst: Iterable[Any], list_columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """FAB's reader of rows: how each cell is read is found once for all of them."""
        readers = [(name, self.computed.get(name)) for name in list_columns]
        plain = super()._get_attr_value
        for item in lst:
            yield {name: plain(item, name) if read is None else read(item) for name, read in readers}

    def query(
        self,
        filters: Filters | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> tuple[int, list[Any]]:
        """Count (never more than COUNT_CAP) and the rows of one page, in order; one statement, or two where it is not kept."""
        page, page_size = page or 0, page_size or 25
        order = self._order(order_column, order_direction)
        rows, count = self._page(filters, order, page * page_size, page_size)
        if count is None and (len(rows) == page_size or (page and not rows)):
            count = self.count(filters, cap=COUNT_CAP)
        return page * page_size + len(rows) if count is None else count, rows

    def ids(
        self,
        filters: Filters | None,
        order_column: str = "",
        order_direction: str = "",
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[int]:
        """Primary keys in order: narrow rows, so that an index alone can answer."""
        order, kept = self._order(order_column, order_direction), self._asked(filters)
        if kept is not None:
            conditions, values = kept
            sent = {**values, asked.MOST: limit, asked.PAST: offset}
            return [key for (key,) in shown.rows(asked.keys(self.get_pk(), conditions, order), sent)]
        query = self._filtered(shown.query(self.get_pk()), filters)
        return [key for (key,) in query.order_by(*order).offset(offset).limit(limit).all()]

    def count(self, filters: Filters | None, cap: int | None = None) -> int:
        """How many rows there are; with `cap` counting stops there."""
        kept = self._asked(filters)
        if kept is not None:
            conditions, values = kept
            (row,) = shown.rows(asked.number(self.get_pk(), conditions, cap is not None), {**values, asked.MOST: cap})
            return int(row[0])
        inner = self._filtered(shown.query(self.get_pk()), filters).order_by(None).limit(cap)
        return shown.scalar(select(func.count()).select_from(inner.subquery())) or 0

    def rows(self, ids: Sequence[int], *, on_screen: bool = False) -> list[Any]:
        """The rows of these ids with their relations, in the order of the ids; one statement. `on_screen`: without what
        no row shows.
        """
        if not ids:
            return []
        if on_screen and self._joins:
            beside = [expression() for expression in self.beside.values()]
            kept = asked.those(self.obj, self.get_pk(), (*beside,), (*self.left_out, *self.eager))
            told = shown.rows(kept, {**self.values(), "ids": [*ids]})
            read = self._with_beside(told) if beside else told
        else:
            read = self._read(select(self.obj).where(self.get_pk().in_(ids)))
        found = {self.get_pk_value(item): item for item in read}
        return [found[key] for key in ids if key in found]

    def _page(
        self, filters: Filters | None, order: tuple[Any, ...], past: int, most: int
    ) -> tuple[list[Any], int | None]:
        """The rows of one page, in order, without what none of them shows; and how many there are, if it was told."""
        kept = self._asked(filters) if self._joins else None
        if kept is not None:
            conditions, values = kept
            beside, options = [expression() for expression in self.beside.values()], (*self.left_out, *self.eager)
            statement = asked.page(self.obj, self.get_pk(), conditions, order, (*beside,), options)
            sent = {**self.values(), **values, asked.MOST: most, asked.PAST: past, asked.CAP: COUNT_CAP}
            found = shown.rows(statement, sent)
            return self._with_beside([row[:-1] for row in found]), found[0][-1] if found else None
        narrow = self._filtered(shown.query(self.get_pk()), filters).order_by(*order)
        chosen = narrow.offset(past).limit(most).subquery()
        query = select(self.obj).join(chosen, chosen.c[self.get_pk_name()] == self.get_pk())
        return self._read(query.order_by(*order).options(*self.left_out)), None

    def _read(self, statement: Select[Any]) -> list[Any]:
        """The rows of a statement with their relations and with what stands beside them."""
        beside = [expression() for expression in self.beside.values()]
        statement = statement.add_columns(*beside).options(*self.eager)
        return self._with_beside(shown.execute(statement, self.values()).unique().all())

    def _with_beside(self, found: Sequence[Any]) -> list[Any]:
        """The rows, each with what stands beside it under its name."""
        for row, *more in found:
            vars(row).update(zip(self.beside, more, strict=True))
        return [row for row, *_more in found]

    @cached_property
    def _joins(self) -> bool:
        """Whether one statement reads a row with all that belongs to it, so that it can be kept."""
        return joins_all(self.obj, self.eager)

    def _asked(self, filters: Filters | None) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        return asked.conditions_of(self._pairs(filters))

    def get(
        self,
        id: Any,
        filters: Filters | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> Any:
        """One row within the filters, or None: also for an id that no row can have."""
        try:
            key = row_id(id) if self.is_integer(self.get_pk_name()) else str(id)
        except NotFound:
            return None
        query = self._filtered(self.session.query(self.obj).filter(self.get_pk() == key), filters)
        return query.options(*self.eager).one_or_none()

    def get_many(self, ids: Sequence[Any], filters: Filters | None = None) -> list[Any]:
        """Those of the rows that lie within the filters, in the order of the ids; one statement."""
        keys = [row_id(key) for key in ids]
        query = self._filtered(self.session.query(self.obj).filter(self.get_pk().in_(keys)), filters)
        found = {self.get_pk_value(item): item for item in query.options(*self.eager).all()}
        return [found[key] for key in keys if key in found]

    def _filtered(self, query: Any, filters: Filters | None) -> Any:
        """As FAB applies them, those that open sealed values behind the others."""
        if not filters:
            return query
        pairs = self._pairs(filters)
        ordered = copy(filters)
        ordered.filters, ordered.values = [one for one, _value in pairs], [value for _one, value in pairs]
        return ordered.apply_all(query)

    @staticmethod
    def _pairs(filters: Filters | None) -> list[tuple[Any, Any]]:
        found = zip(filters.filters, filters.values, strict=True) if filters else ()
        return sorted(found, key=lambda pair: getattr(pair[0], "opens", False))

    def _order(self, column: str, direction: str) -> tuple[Any, ...]:
        """The order asked for, with the primary key as tie-breaker in the same direction."""
        key = self.get_pk()
        if not column:
            return _ordered((key,), "desc")
        if column in self.orders:
            return tuple(self.orders[column]())
        attribute = self.ordered_by.get(column, getattr(self.obj, column, None))
        if attribute is None or not hasattr(attribute, "desc"):
            raise Malformed(_("This list cannot be ordered by “%(column)s”.", column=column))
        return _ordered((attribute,) if column == self.get_pk_name() else (attribute, key), direction)


@lru_cache(maxsize=1024)
def _ordered(columns: tuple[Any, ...], direction: str) -> tuple[Any, ...]:
    """The same objects at every request, so that the statement can be kept."""
    return tuple(item.asc() if direction == "asc" else item.desc() for item in columns)
