"""Pieces of the OpenAPI description that all rooms share: errors, parameters, the case."""

from __future__ import annotations

import copy
from typing import Any

from flask_appbuilder.api.schemas import get_list_schema

STRING, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
OBJECT = {"type": "object"}

ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["message", "code", "errors"],
    "properties": {
        "message": {"type": "string", "description": "What happened and what to do, in Chinese"},
        "code": {"type": "string", "description": "The same for programs"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": STRING}},
    },
}
STEP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": STRING,
        "from": {"type": "string", "nullable": True},
        "to": STRING,
        "actor": STRING,
        "role": STRING,
        "at": {"type": "string", "format": "date-time"},
        "reason": {"type": "string", "nullable": True},
    },
}
CASE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "workflow", "state", "label", "graduate", "data", "events", "history"],
    "properties": {
        "id": INTEGER,
        "workflow": STRING,
        "state": STRING,
        "label": STRING,
        "cohort": INTEGER,
        "graduate": {
            "type": "object",
            "properties": dict.fromkeys(("name", "id_number", "school", "department", "level", "major"), STRING)
            | {"id": INTEGER},
        },
        "employer": {
            "type": "object",
            "nullable": True,
            "properties": {
                "id": {"type": "integer", "nullable": True},
                "name": STRING,
                "uscc": {"type": "string", "nullable": True},
            },
        },
        "number": {"type": "string", "nullable": True},
        "data": OBJECT,
        "attachments": {"type": "array", "items": OBJECT},
        "events": {"type": "array", "items": STRING},
        "history": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
    },
}
OUTCOME: dict[str, Any] = {
    "type": "object",
    "required": ["id", "ok"],
    "properties": {"id": INTEGER, "ok": BOOLEAN, "state": STRING, "code": STRING, "message": STRING},
}

_TEXTS = {
    "400": "The request cannot be read",
    "401": "Nobody is logged in, or the token is no longer valid",
    "403": "The role or the module permission does not allow it",
    "404": "Not there, or not in the caller's scope",
    "409": "The state has moved on, or a rule of the workflow refuses",
    "413": "Too large",
    "415": "A kind of content that is not accepted",
    "422": "Fields are missing or wrong",
    "429": "Too many tries; see Retry-After",
}
_HEADERS = {"429": {"Retry-After": {"schema": INTEGER, "description": "Seconds to wait"}}}

RESPONSES: dict[str, Any] = {
    status: {
        "description": text,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
    }
    for status, text in _TEXTS.items()
}

ID_PARAMETER = {
    "in": "path",
    "name": "pk",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
}
KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same key and body give the same answer and no second record",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}
QUERY_PARAMETER = {
    "in": "query",
    "name": "q",
    "description": "Filters, order and page in rison or JSON",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ListQuery"}}},
}
LIST_QUERY: dict[str, Any] = {
    "type": "object",
    "properties": {
        name: get_list_schema["properties"][name]
        for name in ("filters", "order_column", "order_direction", "page", "page_size")
    },
}
SCHEMAS = {"Error": ERROR, "Step": STEP, "Case": CASE, "Outcome": OUTCOME, "ListQuery": LIST_QUERY}


def answer(schema: Any, description: str = "Done") -> dict[str, Any]:
    """A JSON answer of that schema."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def one(schema: Any) -> dict[str, Any]:
    """{"id", "result"} as single reads answer."""
    return {"type": "object", "required": ["id", "result"], "properties": {"id": INTEGER, "result": schema}}


def many(schema: Any) -> dict[str, Any]:
    """{"count", "ids", "result"} as lists answer."""
    return {
        "type": "object",
        "required": ["count", "ids", "result"],
        "properties": {
            "count": INTEGER,
            "ids": {"type": "array", "items": INTEGER},
            "result": {"type": "array", "items": schema},
        },
    }


def json_body(schema: Any, *, required: bool = True) -> dict[str, Any]:
    """A JSON request body."""
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def binary(mimetype: str) -> dict[str, Any]:
    """A file as the answer."""
    return {"description": "The file", "content": {mimetype: {"schema": {"type": "string", "format": "binary"}}}}


def with_errors(operation: dict[str, Any], *, open_to_all: bool = False) -> dict[str, Any]:
    """The operation with what every call may be refused with, and the token it needs."""
    complete = copy.deepcopy(operation)
    answers = complete.setdefault("responses", {})
    for status in RESPONSES:
        answers.setdefault(status, {"$ref": f"#/components/responses/{status}"})
    if not open_to_all:
        complete["security"] = [{"jwt": []}]
    return complete
