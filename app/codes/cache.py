"""The code tables in memory: one snapshot per process, compared with the version row every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from app.base.database import session
from app.codes.models import CodeEntry, CodesVersion, Region

CHECK_EVERY = 5.0  # seconds that an edit made in another process may stay unseen here


@dataclass(frozen=True, slots=True)
class Entry:
    """One code or region with its label, as the snapshot holds it."""

    code: str
    label: str
    parent: str | None
    note: str
    extra: Mapping[str, Any]
    valid_from: date | None
    valid_to: date | None

    def is_valid_on(self, day: date) -> bool:
        """Whether `day` lies within valid_from and valid_to, both included."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


Codes = dict[str, tuple[Entry, ...]]


@dataclass(slots=True)
class Snapshot:
    """All code tables and regions at one version; only `checked` changes after loading."""

    version: int
    checked: float
    tables: dict[str, Codes]  # table -> code -> its lines, the latest validity first
    regions: dict[str, Entry]
    under: dict[str | None, list[Entry]]  # region code -> the regions directly below it; None -> provinces


_snapshots: WeakKeyDictionary[Engine | Connection, Snapshot] = WeakKeyDictionary()
_loading = threading.Lock()


def snapshot() -> Snapshot:
    """The code tables as they are now, or were CHECK_EVERY seconds ago at most; warm reads cost no SQL."""
    engine = session.get_bind()
    held = _snapshots.get(engine)
    if held is not None and monotonic() - held.checked < CHECK_EVERY:
        return held
    with _loading:
        held = _snapshots.get(engine)
        if held is None or monotonic() - held.checked >= CHECK_EVERY:
            held = _snapshots[engine] = _renewed(held)
        return held


def forget() -> None:
    """Drop what this process holds; the next read loads it anew. Called after an edit here."""
    _snapshots.clear()


def _renewed(held: Snapshot | None) -> Snapshot:
    # The version is read before the rows: rows that change in between only make the next check load again.
    version = session.scalar(select(CodesVersion.version)) or 0
    if held is None or held.version != version:
        regions = _load_regions()
        return Snapshot(version, monotonic(), _load_tables(), regions, _children(regions))
    held.checked = monotonic()
    return held


def _load_tables() -> dict[str, Codes]:
    tables: dict[str, Codes] = {}
    columns = (CodeEntry.code, CodeEntry.label, CodeEntry.parent, CodeEntry.note, CodeEntry.extra)
    for table, *values in session.execute(
        select(CodeEntry.code_table, *columns, CodeEntry.valid_from, CodeEntry.valid_to).order_by(
            CodeEntry.code_table, CodeEntry.position, CodeEntry.id
        )
    ):
        entry = Entry(*values)
        codes = tables.setdefault(table, {})
        lines = (*codes.get(entry.code, ()), entry)
        codes[entry.code] = tuple(sorted(lines, key=lambda line: line.valid_from or date.min, reverse=True))
    return tables


def _load_regions() -> dict[str, Entry]:
    places = select(
        *(Region.code, Region.name, Region.parent, Region.note, Region.valid_from, Region.valid_to),
        *(Region.level, Region.full_name, Region.is_placeholder),
    ).order_by(Region.code)
    return {
        row.code: Entry(
            row.code,
            row.name,
            row.parent,
            row.note,
            {"level": row.level, "full_name": row.full_name, "is_placeholder": row.is_placeholder},
            row.valid_from,
            row.valid_to,
        )
        for row in session.execute(places)
    }


def _children(regions: Mapping[str, Entry]) -> dict[str | None, list[Entry]]:
    under: dict[str | None, list[Entry]] = {}
    for region in regions.values():
        under.setdefault(region.parent, []).append(region)
    return under
