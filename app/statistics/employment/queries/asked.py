"""What figures are asked for, as a query over graduates and what binds each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.access.actors import Actor
from app.roster.models import Graduate
from app.statistics.counting import people_of
from app.statistics.employment.words import COMPLETION
from app.statistics.groups import GROUPINGS, Grouping
from app.statistics.queries import Place
from app.statistics.records import with_standing


@dataclass(frozen=True)
class Asked:
    """For which graduates figures are asked, by what, and whether those without qualification are in the rates."""

    cohort: int
    by: tuple[str, ...]
    place: Place = field(default_factory=Place)
    completion: bool = False
    keys: tuple[str | None, ...] | None = None  # one line: the value of each grouping as its address names it

    @property
    def groupings(self) -> list[Grouping]:
        """What the names stand for."""
        return [GROUPINGS[name] for name in self.by]

    def people(self, actor: Actor) -> list[ColumnElement[bool]]:
        """The graduates as conditions over `source`."""
        chosen = zip(self.groupings, self.keys or (), strict=False)
        narrowed = [*self.place.conditions, *(group.is_value(key) for group, key in chosen)]
        return people_of(self.cohort, actor, narrowed)

    def source(self, *columns: Any) -> Select[Any]:
        """A query over graduates with what binds each, and what the groupings read."""
        query = with_standing(select(*columns).select_from(Graduate))
        for joined in {group.joined for group in self.groupings if group.joined}:
            query = joined(query)
        return query

    @property
    def in_rates(self) -> ColumnElement[bool]:
        """Who is in the denominator."""
        return Graduate.id.is_not(None) if self.completion else Graduate.education.not_in(COMPLETION)
