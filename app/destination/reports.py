"""What the employment management system is told of a registered destination (R4.9)."""

from __future__ import annotations

from typing import Any

from app.codes import record_fields
from app.destination.catalogue import type_of
from app.destination.models import Destination
from app.destination.types.declared import Field
from app.destination.types.kinds import kind_of
from app.ems.destination import FIELDS, destination

# There these hold codes; everything else is words.
CODED = tuple(one.name for one in record_fields.FIELDS[record_fields.DESTINATION] if one.table)


def ems_fields(field: Field) -> tuple[str, ...]:
    """The fields of the other system's record that a field goes to: the one that is declared, and the one of its name."""
    places = dict.fromkeys((field.ems or field.name, field.name))
    return tuple(one for one in places if one in FIELDS and one not in ("code", "label"))


def report_of(case: Destination) -> dict[str, Any]:
    """The record for the employment system: the code as registered, its label, and the unit.

    Where two fields have one place there (country and address), they stand one behind the other.
    """
    kind = type_of(case.type)
    if kind is None:  # no longer declared; the code is still the graduate's
        return destination(case.type)
    told: dict[str, str] = {}
    for field in kind.fields:
        value = case.record.get(field.name)
        if value in (None, ""):
            continue
        for target in ems_fields(field):
            plain = target in CODED or field.kind == "date"
            word = str(value) if plain else kind_of(field).words(field, value)
            told[target] = f"{told[target]} {word}" if target in told else word
    return destination(kind.code, label=kind.label, **told)
