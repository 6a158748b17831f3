"""The destination types as they are now: declared entries, and over them the rows that operators edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.codes.cache import Snapshot, snapshot
from app.destination.models import DestinationTypeRow
from app.destination.types.declared import DestinationType, Field, Proof, changes_so_far, declared_types
from app.destination.types.shipped import declare_shipped

declare_shipped()

_held: list[tuple[Snapshot, int, dict[str, DestinationType]]] = []


def all_types() -> Mapping[str, DestinationType]:
    """Every type by code, ended ones too, in the order in which they are offered.

    Read anew when an operator has edited any code table or type (the code tables' version says so).
    """
    codes, changes = snapshot(), changes_so_far()
    if not _held or _held[0][0] is not codes or _held[0][1] != changes:
        _held[:] = [(codes, changes, _merged())]
    return _held[0][2]


def type_of(code: str | None) -> DestinationType | None:
    """The type of that code, also one that has ended; None when there is none."""
    return all_types().get(code or "")


def types_on(day: date | None = None) -> list[DestinationType]:
    """What can be registered on that day (default today), the same for every caller."""
    day = day or clock.today()
    return [one for one in all_types().values() if one.is_valid_on(day)]


def types_open_to(training_mode: str) -> list[DestinationType]:
    """What a graduate of this training mode can register today (R4.4)."""
    return [one for one in types_on() if one.is_open_to(training_mode)]


def type_from_row(row: DestinationTypeRow) -> DestinationType:
    """The type that an edited row describes."""
    content = row.content
    return DestinationType(
        code=row.code,
        label=row.label,
        parent=row.parent,
        fields=tuple(Field.read(one) for one in content["fields"]),
        proofs=tuple(Proof.read(one) for one in content["proofs"]),
        open_to=tuple(content["open_to"]),
        hint=content.get("hint", ""),
        minimum_wage=bool(content.get("minimum_wage")),
        educations=tuple(content.get("educations", ())),
        two_levels=bool(content.get("two_levels")),
        position=row.position,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _merged() -> dict[str, DestinationType]:
    found = dict(declared_types())
    for row in session.scalars(select(DestinationTypeRow)):
        found[row.code] = type_from_row(row)
    return dict(sorted(found.items(), key=lambda item: (item[1].position, item[0])))
