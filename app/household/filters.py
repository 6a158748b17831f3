"""Search filters on what a record holds, for lists and the API."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.codes.regions import branch_prefix
from app.doors.search import Contains, SearchFilter, as_text, escaped


class DataIs(SearchFilter):
    """A code of the record is exactly the value."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Equality inside the record."""
        return self.model.data[self.column_name].astext == as_text(value)


class DataContains(Contains):
    """A text of the record holds the value."""

    @property
    def column(self) -> Any:
        """The text inside the record."""
        return self.model.data[self.column_name].astext


class DataWithin(SearchFilter):
    """A region of the record is the value or lies in it."""

    name, arg_name = _("in"), "within"

    def condition(self, value: Any) -> Any:
        """By the beginning of the six digits."""
        code = as_text(value)
        prefix = branch_prefix(code) if len(code) == 6 else code
        return self.model.data[self.column_name].astext.like(f"{escaped(prefix)}%", escape="\\")
