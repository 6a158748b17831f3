"""Conditions of lists that no reader types: the scope, and what a list is fixed to."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_appbuilder.models.filters import BaseFilter

from app.access.scope import Reach, in_scope, reach_with
from app.fab.search import Bound, equal_to


class InScope(BaseFilter):
    """The rows that an actor may reach (R1.7); the value is a function that gives the actor."""

    name, arg_name = "in scope", None

    def apply(self, query: Any, value: Any) -> Any:
        """The query narrowed to the actor's scope."""
        return query.filter(in_scope(self.model, value()))

    def bound(self, value: Any, _name: str) -> Bound:
        """The scope with parameters in the place of the actor's own values."""
        reach, own = reach_with(value())
        return Bound(_scope(self.model, reach), own)


@lru_cache(maxsize=512)
def _scope(model: Any, reach: Reach) -> Any:
    return in_scope(model, reach.reader)


class Where(BaseFilter):
    """A condition of the list; the value is the SQL condition."""

    name, arg_name = "where", None

    def apply(self, query: Any, value: Any) -> Any:
        """The query narrowed by the condition."""
        return query.filter(value)


class Lasting(Where):
    """The same, and it is the same object at every request."""

    def bound(self, value: Any, _name: str) -> Bound:
        """No value of it changes."""
        return Bound(value, {})


class Is(BaseFilter):
    """The column is the value, whatever the address says."""

    name, arg_name = "is", None

    def apply(self, query: Any, value: Any) -> Any:
        """The query narrowed to this value."""
        return query.filter(getattr(self.model, self.column_name) == value)

    def bound(self, value: Any, name: str) -> Bound:
        """With a parameter in its place."""
        return Bound(equal_to(self.model, self.column_name, name), {name: value})
