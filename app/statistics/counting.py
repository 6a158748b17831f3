"""总人数, 已登记, 未登记, 审核中 of the graduates in a reader's scope; one grouped statement, never one a row (R2.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.replicas import shown
from app.roster.models import Graduate
from app.statistics.groups import GROUPINGS
from app.workflow.stages import Stage

REGISTERED, IN_REVIEW, UNREGISTERED = "registered", "in_review", "unregistered"
PROGRESS = (REGISTERED, UNREGISTERED, IN_REVIEW)


@dataclass(frozen=True)
class Measure:
    """What counts as registered and as in review: cases of one table at these stages, at most one each a graduate.

    The database promises "at most one" by a partial unique index; so the joins below multiply no graduate.
    """

    model: Any
    registered: tuple[Stage, ...] = (Stage.IN_FORCE,)
    in_review: tuple[Stage, ...] = (Stage.REVIEW,)


@dataclass
class Figures:
    """One line of the table; `registered + unregistered + in_review == total`."""

    key: Any = None
    code: str = ""
    label: str = ""
    total: int = 0
    registered: int = 0
    in_review: int = 0
    states: dict[str, int] = field(default_factory=dict)
    whole: bool = False  # the line of totals, which has no key; another without one is of those without a value

    @property
    def unregistered(self) -> int:
        """Neither registered nor in review."""
        return self.total - self.registered - self.in_review

    def add(self, other: Figures) -> None:
        """Put another line's figures on top, for the line of totals."""
        self.total += other.total
        self.registered += other.registered
        self.in_review += other.in_review
        for state, number in other.states.items():
            self.states[state] = self.states.get(state, 0) + number


def progress_by(
    grouping: str, measure: Measure, cohort: int, *, actor: Actor, narrowed: Sequence[ColumnElement[bool]] = ()
) -> list[Figures]:
    """The lines of a table in the order of the grouping: on the roster of the cohort, without 失效, in the actor's scope.

    `narrowed` are conditions over the roster, such as one school of the province. Two statements and one for names.
    """
    group = GROUPINGS[grouping]
    column = group.column
    people = people_of(cohort, actor, narrowed)
    done, moving = aliased(measure.model), aliased(measure.model)
    query = (
        select(column, func.count(), func.count(done.id), func.count(case((done.id.is_(None), moving.id))))
        .select_from(Graduate)
        .outerjoin(done, and_(done.graduate_id == Graduate.id, done.stage.in_(measure.registered)))
        .outerjoin(moving, and_(moving.graduate_id == Graduate.id, moving.stage.in_(measure.in_review)))
        .where(*people)
        .group_by(column)
    )
    lines = {
        key: Figures(key=key, total=total, registered=registered, in_review=in_review)
        for key, total, registered, in_review in shown.execute(query)
    }
    for key, state, number in shown.execute(_states(column, measure, people)):
        lines[key].states[state] = number
    names = group.names([key for key in lines if key is not None])
    for key, line in lines.items():
        line.code, line.label = ("", "") if key is None else names.get(key, (str(key), str(key)))
    return sorted(lines.values(), key=lambda line: (line.code if group.by_code else line.label, line.code))


def total_of(lines: Sequence[Figures]) -> Figures:
    """The line 总计."""
    total = Figures(whole=True)
    for line in lines:
        total.add(line)
    return total


def people_of(cohort: int, actor: Actor, narrowed: Sequence[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Who is counted: on the roster of the cohort, without 失效, in the actor's scope; `narrowed` further."""
    return [in_scope(Graduate, actor), Graduate.cohort == cohort, Graduate.invalid_since.is_(None), *narrowed]


def _states(column: Any, measure: Measure, people: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """How many cases of these graduates are in each state."""
    model = measure.model
    return (
        select(column, model.state, func.count())
        .select_from(model)
        .join(Graduate, Graduate.id == model.graduate_id)
        .where(*people)
        .group_by(column, model.state)
    )


def people_with(
    progress: str, measure: Measure, cohort: int, *, actor: Actor, narrowed: Sequence[ColumnElement[bool]] = ()
) -> Select[tuple[Graduate]]:
    """The graduates behind one figure (registered, in_review, unregistered), for the drill-down; by exam number."""
    done, moving = _exists(measure.model, measure.registered), _exists(measure.model, measure.in_review)
    condition: Mapping[str, ColumnElement[bool]] = {
        REGISTERED: done,
        IN_REVIEW: and_(~done, moving),
        UNREGISTERED: and_(~done, ~moving),
    }
    query = select(Graduate).where(*people_of(cohort, actor, narrowed), condition[progress])
    return query.options(*Graduate.eager_options()).order_by(Graduate.school_id, Graduate.exam_number)


def _exists(model: Any, stages: tuple[Stage, ...]) -> ColumnElement[bool]:
    return select(model.id).where(model.graduate_id == Graduate.id, model.stage.in_(stages)).exists()
