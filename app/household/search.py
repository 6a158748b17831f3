"""Search filters on what a record holds, for lists and the API."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, select

from app.base.values.names import place_name
from app.codes import queries as codes
from app.codes.regions import branch_prefix
from app.fab.search import Contains, SearchFilter, as_text, escaped
from app.roster.models import Graduate
from app.schools.models import Department, School


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


class OfSchool(SearchFilter):
    """The graduate's school has this in its name."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """The few schools first, then the records by their index."""
        return self.model.school_id.in_(select(School.id).where(_holds(School.name, value)))


class OfDepartment(SearchFilter):
    """The department has this in its name."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """The few departments first, then the records by their index."""
        return self.model.department_id.in_(select(Department.id).where(_holds(Department.name, value)))


class InRegion(SearchFilter):
    """生源所在地: by its name as people write it, such as 浙江 or 西湖区, or by its code."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """All regions whose full name holds the text."""
        text = as_text(value).replace(" ", "")
        if text.isascii() and text.isdigit():
            found = Graduate.origin_region.like(f"{branch_prefix(text) if len(text) == 6 else text}%")
        else:
            found = Graduate.origin_region.in_(
                [
                    code
                    for code, _name, _above in codes.region_rows()
                    if text in codes.region_label(code).replace(" ", "")
                ]
            )
        return self.model.graduate.has(
            and_(found, Graduate.province_id == self.model.province_id, Graduate.school_id == self.model.school_id)
        )


def _holds(column: Any, value: Any) -> Any:
    return column.like(f"%{escaped(place_name(as_text(value)))}%", escape="\\")
