"""The statements of lists, each put together once for all who ask the same: by its conditions, its order and its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from functools import lru_cache
from typing import Any, Final

from flask_appbuilder.models.filters import Filters
from sqlalchemy import Select, bindparam, func, select

from app.base.kept import Kept

# How many rows, behind how many others, and where counting stops.
MOST, PAST, CAP = "most_rows", "rows_before", "most_counted"

_Many: Final = 1024
_Parts = tuple[Any, ...]


def conditions_of(pairs: Iterable[tuple[Any, Any]]) -> tuple[_Parts, dict[str, Any]] | None:
    """The conditions of these filters with their values; None where one of them is made anew at every request.

    As FAB applies them: of a filter with several values all hold, unless it takes them as a list.
    """
    found: list[Any] = []
    values: dict[str, Any] = {}
    for number, (one, value) in enumerate(pairs):
        bound = one.bound(value[0] if _is_single(one, value) else value, f"asked_{number}") if _binds(one) else None
        if bound is None:
            return None
        found.append(bound.condition)
        values |= bound.values
    return tuple(found), values


def joined(first: Filters, second: Filters) -> Filters:
    """Both together, as FAB's get_joined_filters(), which would look up the filters of every column of the model."""
    both = copy(first)
    both.filters, both.values = [*first.filters, *second.filters], [*first.values, *second.values]
    return both


def _binds(one: Any) -> bool:
    return hasattr(one, "bound")


def _is_single(one: Any, value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and one.arg_name != "in"


def narrow(key: Any, conditions: Sequence[Any], order: Sequence[Any]) -> Select[Any]:
    """The keys of one page."""
    query = select(key).where(*conditions).order_by(*order)
    return query.limit(bindparam(MOST)).offset(bindparam(PAST))


@lru_cache(maxsize=_Many)
def keys(key: Any, conditions: _Parts, order: _Parts) -> Kept:
    """The keys of one page, in order."""
    return Kept(narrow(key, conditions, order))


@lru_cache(maxsize=_Many)
def page(model: Any, key: Any, conditions: _Parts, order: _Parts, beside: _Parts, options: _Parts) -> Kept:
    """The rows of one page with what belongs to them, in order, each with how many there are in all, up to CAP."""
    chosen = narrow(key, conditions, order).subquery()
    inner = select(key).where(*conditions).limit(bindparam(CAP)).subquery()
    count = select(func.count()).select_from(inner).scalar_subquery()
    query = select(model, *beside, count.label("in_all")).join(chosen, chosen.c[key.key] == key).order_by(*order)
    return Kept(query.options(*options))


@lru_cache(maxsize=_Many)
def those(model: Any, key: Any, beside: _Parts, options: _Parts) -> Kept:
    """The rows of some keys (`ids`), in no order."""
    return Kept(select(model, *beside).where(key.in_(bindparam("ids", expanding=True))).options(*options))


@lru_cache(maxsize=_Many)
def number(key: Any, conditions: _Parts, capped: bool) -> Kept:
    """How many rows there are, up to MOST where it is `capped`."""
    inner = select(key).where(*conditions)
    return Kept(select(func.count()).select_from((inner.limit(bindparam(MOST)) if capped else inner).subquery()))
