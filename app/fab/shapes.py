"""Shapes of answers: what writes a row as JSON also tells the description of the API what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from app.access.reveals import REASONS
from app.base.clock import moment
from app.web.sheets import FORMATS, MIMETYPE, MIMETYPES

Told = dict[str, Any]

STRING, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
OBJECT: Told = {"type": "object", "additionalProperties": True}
MOMENT = {"type": "string", "format": "date-time"}
FILE = {"type": "string", "format": "binary"}


class Shape(Schema):
    """An answer: a field is always there, but those that `partial` names.

    A dotted attribute goes through relations and is null where one is missing; a name that nobody has is an error.
    """

    class Meta:
        """Nothing is promised about further fields: later answers may have more."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Whoever reads an answer can count on its fields."""
        field_obj.required = True

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """marshmallow would leave out what it cannot find."""
        del default
        for name in str(attr).split("."):
            if obj is None:
                return None
            obj = obj[name] if isinstance(obj, Mapping) else getattr(obj, name)
        return obj


class Moment(fields.Field[Any]):
    """A moment by the clocks of China."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, metadata=MOMENT)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return moment(value)


class Words(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(**options, metadata={"enum": [*words, None] if options.get("allow_none") else list(words)})


def worded(text: Callable[[Any], str | None], **options: Any) -> fields.Function:
    """A text that is made from the row."""
    return fields.Function(text, metadata=STRING, **options)


class ErrorShape(Shape):
    """Every refusal."""

    message = fields.String(metadata={"description": "What happened and what to do, in Chinese"})
    code = fields.String(metadata={"description": "The same for programs"})
    errors = fields.Dict(
        values=fields.List(fields.String()), metadata={"description": "What is wrong with which field"}
    )


# JSON Schemas around them -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """An answer that is no JSON, of one of these types."""

    mimetypes: tuple[str, ...]

    def __init__(self, *mimetypes: str) -> None:
        object.__setattr__(self, "mimetypes", mimetypes)


def group(required: Sequence[str] = (), **properties: Any) -> Told:
    """A JSON object."""
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def enum(words: Iterable[str], **more: Any) -> Told:
    """One of a few words."""
    return {"type": "string", "enum": list(words), **more}


def list_of(schema: Any, **more: Any) -> Told:
    """A JSON array."""
    return {"type": "array", "items": schema, **more}


def with_fields(schema: Any, required: Sequence[str] = (), **properties: Any) -> Told:
    """The schema and further properties beside its own."""
    own = group(required, **properties)
    if not properties or schema == group():
        return own if properties else schema
    return {"allOf": [schema, own]}


def one(schema: Any) -> Told:
    """{"id", "result"} as single reads answer."""
    return group(("id", "result"), id=INTEGER, result=schema)


def many(schema: Any, ids: Any = INTEGER, **more: Any) -> Told:
    """{"count", "ids", "result"} as lists answer."""
    return group(("count", "ids", "result", *more), count=INTEGER, ids=list_of(ids), result=list_of(schema), **more)


# What binds a graduate asks for it; programs of others never have one.
CODE: Told = {**STRING, "description": "The one-time code that POST /me/code sends to the graduate's own phone"}
MESSAGE = group(("message",), message=STRING)
JOB = group(("job_id",), job_id=INTEGER)
SHEET = File(MIMETYPE)
EXPORT = File(*MIMETYPES)
EXPORT_QUERY: Told = {
    "format": enum(FORMATS, default=FORMATS[0]),
    "reveal": {**STRING, "description": f"Masked columns in full, for a reason: {', '.join(REASONS)} or own words"},
    "words": {**STRING, "description": "More about the reason"},
    "columns": {**STRING, "description": "Some of the headings, separated by commas; all where it is left out"},
}
