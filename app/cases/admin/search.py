"""By what cases can be found, the same in the lists of staff and of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import inspect, or_, select

from app.base.errors import Malformed
from app.base.values.names import place_name
from app.cases.assignments import queries
from app.cases.queries import waiting_states, waits_in
from app.fab.listing import Kinds
from app.fab.search import (
    Contains,
    ContainsCharacters,
    ContainsUnit,
    Equal,
    OneOf,
    SealedEqual,
    SearchFilter,
    as_text,
    escaped,
    related,
)
from app.schools.models import Department, School
from app.web.current import current_actor
from app.web.numbers import is_whole
from app.workflow import registry

MINE, SOMEBODY, NOBODY = "mine", "somebody", "nobody"  # what can be asked of 审核人, beside a colleague's number


class DepartmentContains(Contains):
    """院系: the text occurs in the name of the case's department."""

    def condition(self, value: Any) -> Any:
        """Membership among the departments so called."""
        text = f"%{escaped(place_name(as_text(value)))}%"
        return self.model.department_id.in_(select(Department.id).where(Department.name.like(text, escape="\\")))


class SchoolIs(Contains):
    """毕业院校: the school of this code, or those with the text in their name."""

    def condition(self, value: Any) -> Any:
        """Membership among the schools so called."""
        said = as_text(value)
        named = School.name.like(f"%{escaped(place_name(said))}%", escape="\\")
        return self.model.school_id.in_(select(School.id).where(or_(School.code == said, named)))


class AssignedTo(SearchFilter):
    """审核人: assigned to me, to somebody, waiting with nobody, or to the colleague with this number."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """As the reader's own office sees it; raises Malformed."""
        said, actor, model = as_text(value), current_actor(), self.model
        table = registry.get(model.workflow_name)
        if queries.reviews(table, actor):
            waits = waits_in(model, waiting_states(table, actor))
            if said == SOMEBODY:
                return waits & queries.is_assigned(model, actor)
            if said == NOBODY:
                return waits & ~queries.is_assigned(model, actor)
            if said == MINE or is_whole(said):
                return waits & queries.is_assigned(model, actor, actor.user_id if said == MINE else int(said))
        raise Malformed(gettext("This list cannot be searched that way."))


NAME: Kinds = (related("graduate", "name", ContainsCharacters),)
ID_NUMBER: Kinds = (related("graduate", "id_number", SealedEqual),)
EXAM_NUMBER: Kinds = (related("graduate", "exam_number", Equal),)
STUDENT_NUMBER: Kinds = (related("graduate", "student_number", Equal),)
MAJOR: Kinds = (related("graduate", "major", Contains),)
SEARCH: Mapping[str, Kinds | None] = {
    "id": (Equal, OneOf),
    "state": (Equal, OneOf),
    "stage": (Equal, OneOf),
    "waits_for": (Equal, OneOf),
    "cohort": (Equal, OneOf),
    "level": (Equal, OneOf),
    "number": (Equal,),
    "graduate_id": (Equal, OneOf),
    "employer_id": (Equal, OneOf),
    "school_id": (Equal, OneOf),
    "department_id": (Equal, OneOf),
    "province_id": (Equal, OneOf),
    "created_at": None,
    "updated_at": None,
    "graduate_name": NAME,
    "exam_number": EXAM_NUMBER,
    "student_number": STUDENT_NUMBER,
    "school": (SchoolIs,),
    "department": (DepartmentContains,),
    "major": MAJOR,
}


def unit_search(model: Any) -> tuple[tuple[str, type[SearchFilter]], ...]:
    """The columns in which the unit of such a case may be found, by name or credit code; none where it has none."""
    if hasattr(model, "unit_name"):
        return (("unit_name", ContainsUnit),)
    found = (("employer_name", related("employer", "name", ContainsUnit)),)
    return found if "employer" in inspect(model).relationships else ()


def found_by(model: Any) -> tuple[tuple[str, type[SearchFilter]], ...]:
    """Where the one text of a search may stand: name, 考生号, 学号, ID number, agreement number, unit."""
    if not hasattr(model, "graduate_id"):
        return unit_search(model)
    of_graduate = (
        ("number", Equal),
        *(("graduate_name", one) for one in NAME),
        *(("exam_number", one) for one in EXAM_NUMBER),
        *(("student_number", one) for one in STUDENT_NUMBER),
        *(("id_number", one) for one in ID_NUMBER),
    )
    return (*of_graduate, *unit_search(model))
