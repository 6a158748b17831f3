"""The figures of employment for a reader: lines by one grouping or several, and the graduates behind each number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select

from app.access.actors import MODULES, Actor
from app.base.database import session
from app.roster.models import Graduate
from app.schools.queries import settings_of_schools
from app.statistics.counting import Figures
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.records import records_of
from app.statistics.employment.words import CONFIRMED
from app.statistics.groups import Grouping
from app.statistics.queries import schools_without
from app.statistics.records import CODE, HAS_LEFT, held, with_leaving


@dataclass
class Line(Figures):
    """One line; `key` has a value for each grouping, `groups` its code and label."""

    groups: tuple[tuple[str, str], ...] = ()
    base: int = 0  # graduates in the rates
    codes: Counter[str] = field(default_factory=Counter)  # of these, by the code of the current destination
    signing: Counter[str] = field(default_factory=Counter)  # records by their column

    def add(self, other: Figures) -> None:
        """All of another line on top."""
        super().add(other)
        assert isinstance(other, Line)
        self.base += other.base
        self.codes += other.codes
        self.signing += other.signing

    @property
    def signing_total(self) -> int:
        """Records that stand in any column."""
        return self.signing.total()


@dataclass(frozen=True)
class Table:
    """Lines, totals, and for lines of schools which modules each has opened."""

    lines: list[Line]
    total: Line
    opened: Mapping[Any, Mapping[str, bool]]


def employment_table(asked: Asked, *, actor: Actor) -> Table:
    """The figures; schools without graduates are listed as well. Two statements for them and one for each kind of name."""
    lines: dict[Any, Line] = {}
    for *key, kind, rated, code, confirmed, count in session.execute(_standings(asked, actor)):
        line = lines.setdefault(tuple(key), Line(key=tuple(key)))
        _count(line, kind, rated, code, count)
        line.codes[CONFIRMED] += count if rated and confirmed else 0
    for *key, workflow, state, column, count in session.execute(_records(asked, actor)):
        line = lines.setdefault(tuple(key), Line(key=tuple(key)))
        line.states[f"{workflow}.{state}"] = line.states.get(f"{workflow}.{state}", 0) + count
        if column:
            line.signing[column] += count
    if asked.by == ("school",):
        for school in schools_without([key for (key,) in lines], asked.place, actor):
            lines[(school.id,)] = Line(key=(school.id,))
    found = _in_order(list(lines.values()), asked.groupings)
    total = Line(whole=True)
    for line in found:
        total.add(line)
    return Table(found, total, _opened(asked, found))


def _count(line: Line, kind: str | None, rated: bool, code: str | None, count: int) -> None:
    line.total += count
    line.registered += count if code else 0
    line.in_review += count if kind and not code else 0
    if rated:
        line.base += count
        if code:
            line.codes[code] += count


def _standings(asked: Asked, actor: Actor) -> Select[Any]:
    """How many graduates of each line stand how, by kind of claim and code."""
    keys = [group.column.label(f"k{place}") for place, group in enumerate(asked.groupings)]
    columns = (*keys, held.kind, asked.in_rates.label("rated"), CODE.label("code"), HAS_LEFT.label("confirmed"))
    inner = with_leaving(asked.source(*columns)).where(*asked.people(actor)).subquery()
    return select(*inner.c, func.count()).group_by(*inner.c)


def _records(asked: Asked, actor: Actor) -> Select[Any]:
    """How many records of each line's graduates are in each state, and in which column that is."""
    records = records_of(asked.cohort, asked.place, actor)
    keys = [group.column.label(f"k{place}") for place, group in enumerate(asked.groupings)]
    query = asked.source(*keys, records.c.workflow, records.c.state, records.c.column)
    inner = query.join(records, records.c.graduate_id == Graduate.id).where(*asked.people(actor)).subquery()
    return select(*inner.c, func.count()).group_by(*inner.c)


def _in_order(lines: list[Line], groupings: Sequence[Grouping]) -> list[Line]:
    """The lines with their names, in the order of the first grouping, then of the next."""
    named = []
    for place, group in enumerate(groupings):
        names = group.names({line.key[place] for line in lines} - {None})
        named.append({key: names.get(key, (str(key), str(key))) for key in {line.key[place] for line in lines}})
        named[-1][None] = ("", "")
    for line in lines:
        line.groups = tuple(names[key] for names, key in zip(named, line.key, strict=True))
        line.code = "/".join(code for code, _label in line.groups)
        line.label = " · ".join(str(label) for _code, label in line.groups) if any(line.code) else ""
    ways = [group.by_code for group in groupings]

    def place_of(line: Line) -> list[tuple[str, str]]:
        named = zip(line.groups, ways, strict=True)
        return [(code, str(label)) if by_code else (str(label), code) for (code, label), by_code in named]

    return sorted(lines, key=place_of)


def _opened(asked: Asked, lines: Sequence[Line]) -> Mapping[Any, Mapping[str, bool]]:
    if asked.by != ("school",):
        return {}
    settings = settings_of_schools([line.key[0] for line in lines], asked.cohort)
    return {
        line.key: {module: bool((one := settings.get((line.key[0], module))) and one.open) for module in MODULES}
        for line in lines
    }
