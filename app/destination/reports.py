"""What the employment management system is told of a registered destination (R4.9)."""

from __future__ import annotations

from typing import Any

from app.destination.catalogue import type_of
from app.destination.models import Destination
from app.destination.types.declared import Field
from app.destination.types.kinds import kind_of
from app.ems.destination import FIELDS, destination

# There these hold codes; everything else is words.
CODED = ("nature", "industry", "region", "category")


def ems_field(field: Field) -> str | None:
    """The field of the other system's record that a field goes to; None where it has no place there."""
    target = field.ems or field.name
    return target if target in FIELDS and target not in ("code", "label") else None


def report_of(case: Destination) -> dict[str, Any]:
    """The record for the employment system: the code as registered, its label, and the unit.

    Where two fields have one place there (country and address), they stand one behind the other.
    """
    kind = type_of(case.type)
    if kind is None:  # no longer declared; the code is still the graduate's
        return destination(case.type)
    told: dict[str, str] = {}
    for field in kind.fields:
        target, value = ems_field(field), case.record.get(field.name)
        if target is None or value in (None, ""):
            continue
        word = str(value) if target in CODED else kind_of(field).words(field, value)
        told[target] = f"{told[target]} {word}" if target in told else word
    return destination(kind.code, label=kind.label, **told)
