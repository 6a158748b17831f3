"""dictionaries/destination_types: everything a stranger's program needs to fill in any type."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.codes.dictionaries import register_dictionary
from app.destination.catalogue import types_on
from app.destination.types.declared import DestinationType, Field
from app.destination.types.kinds import kind_of


def describe(kind: DestinationType) -> dict[str, Any]:
    """One type: its JSON Schema is flat, what is not free text has an enum or a valid first example."""
    return {
        "code": kind.code,
        "label": kind.label,
        "parent": kind.parent,
        "hint": kind.hint,
        "schema": schema_of(kind),
        "proofs": [
            {"kind": one.kind, "label": one.label, "required": one.required, "hint": one.hint, "most": one.most}
            for one in kind.proofs
        ],
        "open_to": list(kind.open_to),
    }


def schema_of(kind: DestinationType) -> dict[str, Any]:
    """The JSON Schema of `data` for a type."""
    return {
        "type": "object",
        "title": kind.label,
        "properties": {field.name: _property(field) for field in kind.fields},
        "required": [field.name for field in kind.fields if field.required],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    described = {"title": field.label, **kind_of(field).schema(field)}
    if field.unless:
        described["x-optional-when"] = {field.unless[0]: field.unless[1]}
    return {**described, "description": field.hint} if field.hint else described


def destination_types(day: date) -> list[dict[str, Any]]:
    """What can be registered on that day, the same for every caller."""
    return [describe(kind) for kind in types_on(day)]


register_dictionary("destination_types", destination_types)
