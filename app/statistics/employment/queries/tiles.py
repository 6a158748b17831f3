"""The provinces as a map of equal tiles: where graduates come from, or go to work, at one glance beside the table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Final

from app.statistics.employment.queries.table import Line

BY: Final = ("origin", "employer_region")  # groupings whose lines are provinces
_PLACES = Path(__file__).parents[1] / "data" / "tiles.csv"
_LIGHT: Final = 0.08  # how strong the colour of a single graduate is


@dataclass(frozen=True)
class Tile:
    """A province in its place; `strength` of its colour from 0 to 1, by the root, so that small numbers are seen too."""

    short: str
    column: int
    row: int
    line: Line | None  # None where nobody is
    strength: float


def tiles_of(lines: Sequence[Line], by: Sequence[str]) -> list[Tile]:
    """The tiles for figures by province alone; nothing for others, and nothing where nobody is."""
    if len(by) != 1 or by[0] not in BY:
        return []
    found = {line.groups[0][0]: line for line in lines if line.total and line.key[0] is not None}
    if not found:
        return []
    most = max(line.total for line in found.values())
    return [
        Tile(short, column, row, line, _LIGHT + (1 - _LIGHT) * sqrt(line.total / most) if line else 0.0)
        for code, short, column, row in _places()
        for line in (found.get(code),)
    ]


@cache
def _places() -> list[tuple[str, str, int, int]]:
    with _PLACES.open(encoding="utf-8") as opened:
        return [(one["code"], one["short"], int(one["column"]), int(one["row"])) for one in csv.DictReader(opened)]
