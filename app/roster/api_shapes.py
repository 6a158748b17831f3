"""What the roster's API answers, as its OpenAPI description has it."""

from __future__ import annotations

from typing import Any

_TEXT, _OPTIONAL = {"type": "string"}, {"type": "string", "nullable": True}
_WHOLE, _OPTIONAL_WHOLE = {"type": "integer"}, {"type": "integer", "nullable": True}
_MOMENT = {"type": "string", "format": "date-time", "nullable": True}
_ALWAYS = (
    *("exam_number", "student_number", "name", "id_number", "sex", "ethnicity", "political_status", "school"),
    *("school_code", "department", "major", "education", "duration", "training_mode", "level", "graduated_on"),
    *("origin_region", "hardship", "normal_student"),
)

GRADUATE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "cohort", *_ALWAYS, "invalid_since"],
    "properties": {
        "id": _WHOLE,
        "cohort": _WHOLE,
        **dict.fromkeys(_ALWAYS, _TEXT),
        **dict.fromkeys(("mobile", "email", "address"), _OPTIONAL),
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
