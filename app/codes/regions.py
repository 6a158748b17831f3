"""How GB/T 2260 numbers regions: level, region above and full name follow from the six digits."""

from __future__ import annotations

from collections.abc import Mapping


def region_level(code: str) -> str:
    """province, city or county."""
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"


def province_of(code: str) -> str:
    """The code of the province that a region (or an identity number) belongs to."""
    return f"{code[:2]}0000"


def region_parent(code: str) -> str | None:
    """The code of the region directly above; None for a province."""
    level = region_level(code)
    return None if level == "province" else province_of(code) if level == "city" else f"{code[:4]}00"


def branch_prefix(code: str) -> str:
    """What the codes of a region and of everything below it begin with."""
    return code[: {"province": 2, "city": 4, "county": 6}[region_level(code)]]


def full_region_name(code: str, places: Mapping[str, tuple[str, bool]]) -> str:
    """Names from the province down, without placeholders above; `places`: code -> (name, is placeholder)."""
    names = [places[code][0]]
    above = region_parent(code)
    while above is not None:
        name, is_placeholder = places.get(above, ("", True))  # the region above may have had another number
        names += [] if is_placeholder else [name]
        above = region_parent(above)
    return " ".join(reversed(names))
