"""The figures of archive and hukou registrations for a reader (R2.5, R8.16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access.actors import OPERATOR, PROVINCE, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.base.replicas import shown
from app.household.archive.models import Archive
from app.household.hukou.models import Hukou
from app.roster.models import Graduate
from app.schools.models import Department, School
from app.schools.queries import settings_of_schools
from app.statistics.counting import Figures, Measure, progress_by, total_of
from app.statistics.groups import row_key

MEASURES = {"archive": Measure(Archive), "hukou": Measure(Hukou)}


@dataclass(frozen=True)
class Table:
    """A table of figures: its lines, the totals, and which schools have opened the module (by school alone)."""

    lines: list[Figures]
    total: Figures
    opened: dict[Any, bool]


@dataclass(frozen=True)
class Place:
    """A school or department to which the figures are narrowed; None for all in scope."""

    school: School | None = None
    department: Department | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions over the roster."""
        found: list[ColumnElement[bool]] = []
        if self.school is not None:
            found.append(Graduate.school_id == self.school.id)
        if self.department is not None:
            found.append(Graduate.department_id == self.department.id)
        return found


def place_visible_to(actor: Actor, school: str = "", department: str = "") -> Place:
    """The school (by code) and department (by id) of an address, in the actor's scope; raises NotFound."""
    found = Place()
    if school:
        found = Place(_one(select(School).where(School.code == school[:5], *school_scope(actor))))
    if department:
        query = select(Department).where(Department.id == row_key(department), *_department_scope(actor))
        if found.school is not None:
            query = query.where(Department.school_id == found.school.id)
        found = Place(found.school, _one(query))
    return found


def progress_table(module: str, cohort: int, grouping: str, place: Place, *, actor: Actor) -> Table:
    """The figures of a module (archive, hukou) for a cohort, grouped; schools without graduates are listed as well."""
    lines = progress_by(grouping, MEASURES[module], cohort, actor=actor, narrowed=place.conditions)
    opened: dict[Any, bool] = {}
    if grouping == "school":
        more = schools_without((line.key for line in lines), place, actor)
        lines += [Figures(school.id, school.code, school.name) for school in more]
        lines.sort(key=lambda line: line.code)
        settings = settings_of_schools([line.key for line in lines], cohort)
        opened = {line.key: bool((found := settings.get((line.key, module))) and found.open) for line in lines}
    return Table(lines, total_of(lines), opened)


def schools_without(known: Iterable[Any], place: Place, actor: Actor) -> list[School]:
    """The schools in scope that no line tells of: those without a graduate, for who reads figures of many schools."""
    if actor.kind not in (PROVINCE, OPERATOR) or place.school is not None:
        return []
    told = School.id == func.any(cast(list(known), ARRAY(BigInteger)))
    return list(shown.scalars(select(School).where(~told, *school_scope(actor))))


def school_scope(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Which schools figures tell the reader of, as conditions over schools."""
    if actor.kind == OPERATOR:
        return ()
    if actor.kind == PROVINCE:
        return (School.province_id == actor.province_id,)
    return (School.id == actor.school_id,)


def _department_scope(actor: Actor) -> Sequence[ColumnElement[bool]]:
    if actor.department_id is not None:
        return (Department.id == actor.department_id,)
    if actor.school_id is not None:
        return (Department.school_id == actor.school_id,)
    return (in_scope(Department, actor),)


def _one(query: Any) -> Any:
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found
