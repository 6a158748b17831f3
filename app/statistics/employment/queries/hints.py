"""What stands out and may be asked back about: the line that was crossed and the list behind it, never a verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func

from app.access.actors import Actor
from app.base.replicas import shown
from app.codes import queries as codes
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.table import Line
from app.statistics.employment.queries.trend import Day
from app.statistics.employment.words import REGISTERED, part_of, rate
from app.statistics.records import REGISTERED as HOLDS
from app.statistics.records import unit

HINTS_FILE: Final = Path(__file__).parents[1] / "data" / "hints.toml"


@dataclass(frozen=True)
class Hint:
    """Something that stands out: what, where, the number, the line that it has crossed, the figure behind it."""

    label: str
    where: str
    number: str
    line: str
    figure: str = ""
    of: Line | None = None
    unit: str = ""


@cache
def thresholds() -> Mapping[str, Any]:
    """The lines as data."""
    return tomllib.loads(HINTS_FILE.read_text("utf-8"))


def hints(lines: Sequence[Line], asked: Asked, days: Sequence[Day], *, actor: Actor) -> list[Hint]:
    """Shares of each line of the table, units of the graduates asked for, and the weeks before the due days."""
    return [*_shares(lines), *_units(asked, actor), *_bursts(days)]


def _shares(lines: Sequence[Line]) -> Iterator[Hint]:
    for told in thresholds()["share"]:
        for line in lines:
            number = part_of(told["figure"], line.codes)
            if 100 * number > told["line"] * line.base:
                share = f"{rate(number, line.base)}% ({number} / {line.base})"
                yield Hint(told["label"], line.label, share, f"> {told['line']}%", told["figure"], line)


def _units(asked: Asked, actor: Actor) -> Iterator[Hint]:
    """Units tell their size where they have signed online."""
    told, wanted = thresholds()["unit"], replace(asked, by=("employer",), keys=None)
    (name,) = (group.column for group in wanted.groupings)
    query = wanted.source(name.label("unit_told"), func.min(unit.size), func.count()).where(
        *wanted.people(actor), HOLDS
    )
    for place, size, number in shown.execute(query.group_by("unit_told").order_by("unit_told")):
        if place and size in told["sizes"] and number >= told["graduates"]:
            where = f"{place} ({codes.label('employer_size', size)})"
            yield Hint(told["label"], where, str(number), f">= {told['graduates']}", REGISTERED, unit=place)


def _bursts(days: Sequence[Day]) -> Iterator[Hint]:
    told, registered = thresholds()["burst"], {one.day: one.registered for one in days}
    whole = days[-1].registered if days else 0
    for day, then in registered.items():
        number = then - registered.get(day - timedelta(days=told["within"]), 0)
        if f"{day:%m-%d}" in told["days"] and number >= told["least"] and 100 * number > told["line"] * whole:
            yield Hint(told["label"], day.isoformat(), f"{number} / {whole}", f"> {told['line']}%")
