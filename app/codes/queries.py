"""Reading code tables, regions and dictionaries; everything here but universities comes from memory."""

from __future__ import annotations

from datetime import date

from app.base import clock
from app.codes.cache import Entry, snapshot


def label(table: str, code: str | None, on: date | None = None) -> str:
    """What `code` is called in `table` on the day `on`, or last; "" for none, an unknown code as it is."""
    if not code:
        return ""
    lines = snapshot().tables.get(table, {}).get(code)
    if not lines:
        return code
    return next((line.label for line in lines if on and line.is_valid_on(on)), lines[0].label)


def labels(table: str) -> dict[str, str]:
    """All codes of `table` with their latest labels, ended ones too: for showing old records."""
    return {code: lines[0].label for code, lines in snapshot().tables.get(table, {}).items()}


def choices(table: str, on: date | None = None) -> list[tuple[str, str]]:
    """(code, label) of what may be chosen on the day `on` (default today), in the order of the table."""
    return [(entry.code, entry.label) for entry in entries(table, on)]


def entries(table: str, on: date | None = None) -> list[Entry]:
    """The lines of `table` valid on the day `on` (default today), in its order; [] for an unknown table."""
    day = on or clock.today()
    codes = snapshot().tables.get(table, {})
    return [line for lines in codes.values() for line in lines if line.is_valid_on(day)]


def entry(table: str, code: str | None, on: date | None = None) -> Entry | None:
    """The line of `code` that is valid on the day `on` (default today), None where there is none."""
    day = on or clock.today()
    lines = snapshot().tables.get(table, {}).get(code or "", ())
    return next((line for line in lines if line.is_valid_on(day)), None)


def exists(table: str, code: str | None, on: date | None = None) -> bool:
    """Whether `code` may be used on the day `on` (default today). `table` may be "region" as well."""
    if table == "region":
        return region_exists(code, on)
    return entry(table, code, on) is not None


def tables() -> list[str]:
    """The names of all code tables that have rows."""
    return sorted(snapshot().tables)


def region(code: str | None) -> Entry | None:
    """A region by code, ended ones too; its `extra` holds level, full_name and is_placeholder."""
    return snapshot().regions.get(code or "")


def region_label(code: str | None) -> str:
    """The full name, such as 北京市 海淀区, without placeholder levels; "" for none or an unknown code."""
    found = region(code)
    return str(found.extra["full_name"]) if found else ""


def region_exists(code: str | None, on: date | None = None) -> bool:
    """Whether the region may be chosen on the day `on` (default today)."""
    found = region(code)
    return found is not None and found.is_valid_on(on or clock.today())


def regions_under(parent: str | None = None, on: date | None = None) -> list[tuple[str, str]]:
    """(code, name) of the regions directly below `parent` on the day `on`; the provinces when it is None."""
    day = on or clock.today()
    below = snapshot().under.get(parent or None, [])
    return [(place.code, place.label) for place in below if place.is_valid_on(day)]


def region_rows() -> list[tuple[str, str, str]]:
    """(code, name, parent code or "") of every region valid today."""
    day = clock.today()
    return [
        (place.code, place.label, parent or "")
        for parent, places in snapshot().under.items()
        for place in places
        if place.is_valid_on(day)
    ]


def region_path(code: str | None) -> list[str]:
    """The region and those above it, from the province down; [] for none or an unknown one."""
    path: list[str] = []
    place = region(code)
    while place is not None:
        path.insert(0, place.code)
        place = region(place.parent)
    return path


def region_lists(code: str | None, depth: int) -> list[list[tuple[str, str]]]:
    """What may be chosen at each of the first `depth` levels where `code` is chosen now; what is chosen is among it."""
    path = region_path(code)
    lists = [regions_under(above) for above in (None, *path)][:depth]
    for chosen, places in zip(path, lists, strict=False):
        if chosen not in dict(places):  # it has ended meanwhile
            places.append((chosen, snapshot().regions[chosen].label))
    return lists + [[]] * (depth - len(lists))
