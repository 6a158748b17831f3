"""Loading the shipped code tables: adds what is missing, renews what nobody edited, keeps the rest."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from app.base.database import session, transaction
from app.codes.models import CodeEntry, Region, University
from app.codes.regions import full_region_name, region_level, region_parent
from app.codes.services import new_version

DATA: Final = Path(__file__).parent / "data"
_APART: Final = {"region", "region_former", "university"}  # these have tables of their own
_ENTRY_COLUMNS: Final = ("code", "label", "parent", "note")
_LOCK: Final = 0x636F6465  # one load at a time in a database

Row = dict[str, Any]


def seed_codes(folder: Path = DATA) -> dict[str, int]:
    """Bring the database up to the shipped tables; any number of times, in any number of processes at once.

    A row that an operator has changed or added is never overwritten, and nothing is ever deleted. For the CLI
    and the demonstration. Returns how many rows were added, updated and kept.
    """
    done: Counter[str] = Counter()
    with transaction():
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        done += merge(CodeEntry, ("code_table", "code"), _code_rows(folder))
        done += merge(Region, ("code",), _region_rows(folder))
        done += merge(University, ("code",), _university_rows(folder))
        if done["added"] or done["updated"]:
            new_version()
    return {outcome: done[outcome] for outcome in ("added", "updated", "kept")}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def with_source(row: Row) -> Row:
    """The row with the checksum by which a later load knows whether the shipped content has changed."""
    content = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return {**row, "source": hashlib.sha256(content.encode()).hexdigest()[:16]}


def _code_rows(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in _APART:
            yield from shipped_rows(path.stem, folder)


def shipped_rows(table: str, folder: Path = DATA) -> Iterator[Row]:
    """The rows of one code table as they are shipped, in their order."""
    for position, line in enumerate(_read(folder / f"{table}.csv"), start=1):
        yield with_source(
            {
                "code_table": table,
                "code": line["code"],
                "label": line["label"],
                "parent": line.get("parent") or None,
                "note": line.get("note") or "",
                "position": position * 10,  # room to put one in between
                "extra": {name: value for name, value in line.items() if name not in _ENTRY_COLUMNS},
            }
        )


def _region_rows(folder: Path) -> Iterator[Row]:
    lines = [*_read(folder / "region.csv"), *_read(folder / "region_former.csv")]
    places = {line["code"]: (line["label"], "placeholder" in line["note"]) for line in lines}
    for line in lines:
        code = line["code"]
        yield with_source(
            {
                "code": code,
                "name": line["label"],
                "parent": region_parent(code),
                "level": region_level(code),
                "is_placeholder": places[code][1],
                "full_name": full_region_name(code, places),
                "note": line["note"],
                "valid_from": _day(line.get("valid_from")),
                "valid_to": _day(line.get("valid_to")),
            }
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _university_rows(folder: Path) -> Iterator[Row]:
    for line in _read(folder / "university.csv"):
        yield with_source(
            {
                "code": line["short_code"],
                "identifier": line["code"],
                "name": line["label"],
                "province": line["parent"],
                "city": line["city"],
                "authority": line["authority"],
                "level": line["level"],
                "note": line["note"],
            }
        )


def merge(model: Any, key: tuple[str, ...], rows: Iterable[Row]) -> Counter[str]:
    """Insert or renew the shipped `rows`, told apart by the columns `key`."""
    primary = [column.name for column in model.__table__.primary_key]
    columns = dict.fromkeys([*primary, *key, "source", "edited_at"])
    there: dict[tuple[str, ...], Any] = {}
    for line in session.execute(select(*(getattr(model, name) for name in columns))):
        place = tuple(getattr(line, name) for name in key)
        # Of several lines of one code (operators add later ones) the shipped one is ours to renew.
        if place not in there or line.source is not None:
            there[place] = line
    added: list[Row] = []
    updated: list[Row] = []
    kept = 0
    for row in rows:
        line = there.get(tuple(row[name] for name in key))
        if line is None:
            added.append(row)
        elif line.source in (None, row["source"]) or line.edited_at is not None:
            kept += 1
        else:
            updated.append({**row, **{name: getattr(line, name) for name in primary}})
    if added:
        session.execute(insert(model), added)
    if updated:
        session.execute(update(model), updated)
    return Counter(added=len(added), updated=len(updated), kept=kept)
