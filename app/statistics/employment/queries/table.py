"""The figures of employment for a reader: lines by one grouping or several, and the graduates behind each number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, select

from app.access.actors import MODULES, Actor
from app.base.replicas import shown
from app.roster.models import Graduate
from app.schools.queries import opened_by_schools
from app.statistics.counting import Figures
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.parts import Part, in_parts, parts_of
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
    """The figures; schools without graduates are listed as well.

    One statement tells which schools have changed since they were counted last; two count these, and each kind of name
    takes one.
    """
    lines: dict[Any, Line] = {}
    if in_parts(asked, actor):
        for part in parts_of(asked, actor, lambda schools: _parts(asked, actor, schools)):
            for told in part:
                line = _line_of(told)
                lines.setdefault(line.key, Line(key=line.key)).add(line)
    else:
        lines = _counted(asked, actor).get(None, {})
    if asked.by == ("school",):
        for school in schools_without([key for (key,) in lines], asked.place, actor):
            lines[(school.id,)] = Line(key=(school.id,))
    found = _in_order(list(lines.values()), asked.groupings)
    total = Line(whole=True)
    for line in found:
        total.add(line)
    return Table(found, total, _opened(asked, found))


def _parts(asked: Asked, actor: Actor, schools: Sequence[int] | None) -> Mapping[int, Part]:
    """The lines of each school, as they can be kept."""
    counted = _counted(asked, actor, apart=True, schools=schools)
    return {school: [_told(line) for line in lines.values()] for school, lines in counted.items() if school is not None}


def _told(line: Line) -> Part:
    return [line.key, line.total, line.registered, line.in_review, line.base, line.codes, line.signing, line.states]


def _line_of(told: Part) -> Line:
    key, total, registered, in_review, base, codes, signing, states = told
    line = Line(tuple(key), total=total, registered=registered, in_review=in_review, states=states, base=base)
    line.codes, line.signing = Counter(codes), Counter(signing)
    return line


def _counted(
    asked: Asked, actor: Actor, *, apart: bool = False, schools: Sequence[int] | None = None
) -> dict[int | None, dict[Any, Line]]:
    """The lines by key, those of each school apart or all together under None; of some schools or of all in scope."""
    found: dict[int | None, dict[Any, Line]] = {}
    of_schools = [Graduate.school_id.label("school") if apart else null().label("school")]

    def line_of(school: int | None, key: list[Any]) -> Line:
        return found.setdefault(school, {}).setdefault(tuple(key), Line(key=tuple(key)))

    for school, *key, kind, rated, code, confirmed, count in shown.execute(
        _standings(asked, actor, of_schools, schools)
    ):
        line = line_of(school, key)
        _count(line, kind, rated, code, count)
        line.codes[CONFIRMED] += count if rated and confirmed else 0
    for school, *key, workflow, state, column, count in shown.execute(_records(asked, actor, of_schools, schools)):
        line = line_of(school, key)
        line.states[f"{workflow}.{state}"] = line.states.get(f"{workflow}.{state}", 0) + count
        if column:
            line.signing[column] += count
    return found


def _count(line: Line, kind: str | None, rated: bool, code: str | None, count: int) -> None:
    line.total += count
    line.registered += count if code else 0
    line.in_review += count if kind and not code else 0
    if rated:
        line.base += count
        if code:
            line.codes[code] += count


def _standings(asked: Asked, actor: Actor, of_schools: Sequence[Any], schools: Sequence[int] | None) -> Select[Any]:
    """How many graduates of each line stand how, by kind of claim and code."""
    keys = [*of_schools, *(group.column.label(f"k{place}") for place, group in enumerate(asked.groupings))]
    columns = (*keys, held.kind, asked.in_rates.label("rated"), CODE.label("code"), HAS_LEFT.label("confirmed"))
    inner = with_leaving(asked.source(*columns)).where(*asked.people(actor), *_of(schools)).subquery()
    return select(*inner.c, func.count()).group_by(*inner.c)


def _records(asked: Asked, actor: Actor, of_schools: Sequence[Any], schools: Sequence[int] | None) -> Select[Any]:
    """How many records of each line's graduates are in each state, and in which column that is."""
    records = records_of(asked.cohort, asked.place, actor, schools)
    keys = [*of_schools, *(group.column.label(f"k{place}") for place, group in enumerate(asked.groupings))]
    query = asked.source(*keys, records.c.workflow, records.c.state, records.c.column)
    people = (*asked.people(actor), *_of(schools))
    inner = query.join(records, records.c.graduate_id == Graduate.id).where(*people).subquery()
    return select(*inner.c, func.count()).group_by(*inner.c)


def _of(schools: Sequence[int] | None) -> Sequence[ColumnElement[bool]]:
    return () if schools is None else (Graduate.school_id.in_(schools),)


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
    opened = opened_by_schools([line.key[0] for line in lines], asked.cohort)
    return {line.key: {module: (line.key[0], module) in opened for module in MODULES} for line in lines}
