"""Rows about a student, found by name, 考生号 or 学号; the roster is a room above and its table is named, not imported."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.base.database import Model
from app.base.values.names import person_name
from app.fab.search import SearchFilter, as_text, escaped
from app.workflow import registry


def students_called(text: str, column: str = "id") -> Select[Any]:
    """A column of the roster rows whose name contains the text, or whose 考生号 or 学号 it is; each by its own index."""
    graduates = Model.metadata.tables["graduates"].c
    name = person_name(text)
    signs = cast(sorted({sign for sign in name if sign.lower() == sign.upper()}), ARRAY(Text))
    letters: ColumnElement[Any] = func.string_to_array(graduates.name, literal(None, Text), type_=ARRAY(Text))
    called = and_(letters.contains(signs), graduates.name.ilike(f"%{escaped(name)}%", escape="\\"))
    return select(graduates[column]).where(or_(called, graduates.exam_number == text, graduates.student_number == text))


class AboutStudent(SearchFilter):
    """Of a row that names a case by `workflow` and `case_id`: the case is of the student so called."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """One part for each workflow of graduates, answered by the index over workflow and case."""
        found = students_called(as_text(value))
        models = {flow.name: flow.model for flow in registry.all_workflows() if hasattr(flow.model, "graduate_id")}
        parts = [
            and_(self.model.workflow == name, self.model.case_id.in_(select(model.id).where(_of(model, found))))
            for name, model in models.items()
        ]
        return or_(*parts)


def _of(model: Any, found: Select[Any]) -> Any:
    return model.graduate_id.in_(found)
