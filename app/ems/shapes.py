"""The shapes of what the platform and the employment system send each other, as OpenAPI has them.

Made from the lists of fields by which the client itself sends; words and examples stand in data/openapi.toml.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.codes import record_fields
from app.codes.fields import NOBODY, Field, Kind
from app.codes.graduate_fields import in_ems
from app.fab.shapes import BOOLEAN, INTEGER, STRING, Told, enum, group, list_of

_TOLD: Final = Path(__file__).parent / "data" / "openapi.toml"
_MOMENT = {"type": "string", "format": "date-time"}
SCHOOL = {"type": "string", "pattern": "^[0-9A-Za-z]{1,20}$", "examples": ["10001"]}
COHORT = {"type": "integer", "minimum": 1900, "maximum": 2099, "examples": [2027]}
NUMBER = {"type": "string", "pattern": "^[0-9A-Za-z]{1,20}$", "examples": ["27110001000001"]}
SEQUENCE = {"type": "integer", "minimum": 1, "exclusiveMaximum": 2**62}
COUNT = {"type": "integer", "minimum": 0}


def schemas() -> dict[str, Told]:
    """The components of the description by name."""
    fields = {one.ems_key: _schema_of(one) for one in in_ems()}
    own = {one.ems_key: _schema_of(one) for one in in_ems() if one.editor is not NOBODY}
    required = [one.ems_key for one in in_ems() if one.ems and one.ems.required]
    decided = {
        "removed": said("removed", BOOLEAN),
        "removed_at": {"type": ["string", "null"], "format": "date-time"},
        "updated_at": {"type": ["string", "null"], "format": "date-time"},
        "change": said("change", INTEGER),
    }
    example = [words()["example"]["student"]]
    counted = dict.fromkeys(("cursor", "edits", "students", "removed"), COUNT)
    roster = {"school": SCHOOL, "name": {"type": ["string", "null"]}, "cohort": COHORT, **counted}
    written = {name: {**_record(name, told=False), "examples": [words()["example"][name]]} for name in kinds()}
    held = {name: _record(name, told=True) for name in kinds()}
    return {
        "Refusal": group(
            ("message", "code"),
            message=said("message", STRING),
            code=said("code", STRING),
            errors={"type": "object", "additionalProperties": list_of(STRING), "description": _word("errors")},
        ),
        "WrittenStudent": {**group(("exam_number", *required), **fields), "examples": example},
        "StudentFields": {**group(required, **fields), "examples": example},
        "SomeStudentFields": {**group((), **own), "minProperties": 1, "examples": [{"mobile": "13800000001"}]},
        "Student": group((*fields, *decided), **{**fields, **decided}),
        "Roster": group(("school", "cohort", "cursor", "edits", "switch_open"), **roster, switch_open=BOOLEAN),
        **{component(kind): schema for kind, schema in written.items()},
        **{f"Held{component(kind)}": schema for kind, schema in held.items()},
        "Report": group(
            ("sequence", "record"),
            sequence=said("sequence", SEQUENCE),
            record={"anyOf": [ref(component(kind)) for kind in kinds()]},
        ),
        "Outcome": group(
            ("applied", "sequence"),
            applied=said("applied", BOOLEAN),
            sequence=SEQUENCE,
            removed=said("removed", BOOLEAN),
            reason=enum(("stale",)),
            replayed=said("replayed", BOOLEAN),
        ),
        "Edit": group(
            ("change", "exam_number", "kind", "sequence", "record", "at"),
            change=said("change", INTEGER),
            exam_number=NUMBER,
            kind=enum((record_fields.ARCHIVE, record_fields.HUKOU)),
            sequence=said("sequence", SEQUENCE),
            record={"type": "object", "additionalProperties": {"type": ["string", "null"]}},
            at=_MOMENT,
        ),
    }


def _schema_of(one: Field) -> Told:
    """A field of a student."""
    if one.kind is Kind.YEAR:
        return {**COHORT, "description": str(one.label)}
    empty = not (one.ems and one.ems.required)
    told: Told = {
        "type": ["string", "null"] if empty else "string",
        "maxLength": one.most,
        "description": str(one.label),
    }
    table = "region" if one.kind is Kind.REGION else one.table
    if one.kind is Kind.DAY:
        told["format"] = "date"
    return {**told, **({"x-dictionary": table} if table else {})}


def _record(kind: str, *, told: bool) -> Told:
    """A kind of record as it is written, or as it is held there with the sequence of its report."""
    fields = {
        one.name: {
            "type": "string" if one.required else ["string", "null"],
            "maxLength": one.most,
            "description": str(one.label),
            **({"x-dictionary": one.table} if one.table else {}),
        }
        for one in record_fields.FIELDS[kind]
    }
    required = [one.name for one in record_fields.FIELDS[kind] if one.required]
    if not told:
        return group(required, **fields, reported_at=said("reported_at", _MOMENT))
    always = [one.name for one in record_fields.FIELDS[kind] if not one.later]
    return group((*always, "reported_at", "sequence"), **fields, reported_at=_MOMENT, sequence=SEQUENCE)


def kinds() -> tuple[str, ...]:
    """The kinds of records."""
    return tuple(record_fields.FIELDS)


def held_records() -> list[Told]:
    """A record of any kind as it is held there."""
    return [ref(f"Held{component(kind)}") for kind in kinds()]


def component(kind: str) -> str:
    """What a kind of record is called among the components."""
    return kind.title()


def ref(name: str) -> Told:
    """A component."""
    return {"$ref": f"#/components/schemas/{name}"}


def said(name: str, schema: Told) -> Told:
    """The schema with what the field means."""
    return {**schema, "description": _word(name)}


def _word(name: str) -> str:
    return str(words()["fields"][name])


@cache
def words() -> dict[str, Any]:
    """The words and examples."""
    return tomllib.loads(_TOLD.read_text(encoding="utf-8"))
