"""A newcomer guesses the file: most modules bear one of the names that ARCHITECTURE.md gives to every room."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from app.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[2]
LEAST = 0.66  # of the modules; may only rise
FEWEST_ROOMS = 4  # a name that fewer rooms use is no convention


def _names() -> set[str]:
    """The names of idea 1, as written there: `models.py`, `pages/`."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    idea = text.partition("1. **Rooms by feature")[2].partition("\n2. ")[0]
    return set(re.findall(r"`(\w+)(?:\.py|/)`", idea)) | {"workflows"}  # a room with two tables has a folder of them


def _modules() -> list[tuple[str, ...]]:
    app = ROOT / "app"
    found = (path.relative_to(app).with_suffix("").parts for path in app.rglob("*.py"))
    return [parts for parts in found if parts[-1] != "__init__"]


def test_most_modules_bear_a_name_of_the_convention() -> None:
    """A folder of such a name counts for what lies in it."""
    names, modules = _names(), _modules()
    assert {"models", "workflow", "services", "queries", "pages"} <= names
    named = [parts for parts in modules if set(parts) & names]
    assert len(named) >= LEAST * len(modules), f"{len(named)} of {len(modules)}"


def test_each_name_of_the_convention_is_used_in_several_rooms() -> None:
    """No name stands in the list that is the word of one room."""
    rooms = {tuple(room.split(".")) for room in ROOMS}
    used: Counter[str] = Counter()
    for name in _names():
        used[name] = sum(
            (ROOT / "app" / Path(*room) / f"{name}{end}").exists() for room in rooms for end in ("", ".py")
        )
    few = {name: count for name, count in used.items() if count < FEWEST_ROOMS and name != "workflows"}
    assert not few
