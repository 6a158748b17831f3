"""What the roster's API answers, as its OpenAPI description has it."""

from __future__ import annotations

from typing import Any

from app.codes.fields import Field, Kind
from app.codes.graduate_fields import FIELDS

_TEXT, _OPTIONAL = {"type": "string"}, {"type": "string", "nullable": True}
_WHOLE, _OPTIONAL_WHOLE = {"type": "integer"}, {"type": "integer", "nullable": True}
_MOMENT = {"type": "string", "format": "date-time", "nullable": True}


def _shape(field: Field) -> dict[str, Any]:
    if field.kind is Kind.YEAR:
        return _WHOLE
    return _OPTIONAL if field.may_be_null else _TEXT


GRADUATE: dict[str, Any] = {
    "type": "object",
    "required": [
        *("id", "school_code", "level", "invalid_since"),
        *(field.name for field in FIELDS if not field.may_be_null),
    ],
    "properties": {
        "id": _WHOLE,
        **{field.name: _shape(field) for field in FIELDS},
        **dict.fromkeys(("school_code", "level"), _TEXT),
        **dict.fromkeys(("confirmed_at", "invalid_since"), _MOMENT),
    },
}

EMS: dict[str, Any] = {
    "type": "object",
    "nullable": True,
    "description": "What the employment management system holds; null while it does not answer",
    "required": ["student", "destination"],
    "properties": {
        "student": {"type": "object", "nullable": True},
        "destination": {"type": "object", "nullable": True},
    },
}

ME: dict[str, Any] = {
    "type": "object",
    "required": ["username", "role", "level", "scope", "modules", "graduate_id", "employer_id"],
    "properties": {
        "username": _TEXT,
        "name": _TEXT,
        "role": _TEXT,
        "level": _OPTIONAL,
        "scope": {"type": "object"},
        "modules": {"type": "object", "additionalProperties": {"type": "string", "enum": ["rw", "ro", "none"]}},
        "graduate_id": _OPTIONAL_WHOLE,
        "employer_id": _OPTIONAL_WHOLE,
        "must_change_password": {"type": "boolean", "description": "Nothing else works before PUT /me/password"},
    },
}
