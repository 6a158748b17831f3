"""The interface of the employment system as OpenAPI has it, for those who make one: README.md in a form for programs.

Its shapes are made from the lists of fields (shapes.py), its limits are the client's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from apispec import APISpec

from app.base.breaker import Breaker
from app.codes import record_fields
from app.ems.channel import CALL_SECONDS
from app.ems.client import BATCH, BATCH_SECONDS, PAGE_SECONDS
from app.ems.messages import UNKNOWN
from app.ems.shapes import (
    COHORT,
    COUNT,
    NUMBER,
    SCHOOL,
    SEQUENCE,
    held_records,
    ref,
    said,
    schemas,
    words,
)
from app.fab.document import VERSION, about
from app.fab.shapes import BOOLEAN, STRING, Told, enum, group, list_of, with_fields

POLL_SECONDS: Final = 60
RETRIED: Final = (401, 429, 503)  # and every other answer that is no answer; README.md
_ROSTER, _STUDENT = "/schools/{school}/cohorts/{cohort}", "/students/{school}/{cohort}/{exam_number}"
_IN_PATH: Mapping[str, Told] = {
    "school": SCHOOL,
    "cohort": COHORT,
    "exam_number": NUMBER,
    "kind": enum(record_fields.FIELDS),
}


@dataclass(frozen=True)
class Call:
    """One call: what is sent and answered, and with which codes it is refused, by status."""

    verb: str
    path: str
    name: str
    answer: Told
    body: Told | None = None
    query: Mapping[str, Told] = field(default_factory=dict)
    refused: Mapping[int, Sequence[str]] = field(default_factory=dict)
    keyed: bool = False


def document(root: str = "/api/v1") -> Told:
    """The description of the employment system's interface, OpenAPI 3.1; for everybody."""
    texts = words()
    spec = APISpec(
        title=texts["title"],
        version=VERSION,
        openapi_version="3.1.0",
        info=about(texts["description"].strip().format(**_limits())),
        servers=[{"url": root}],
        tags=[{"name": "employment_system", "description": texts["title"]}],
        security=[{"token": []}],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name, schema in schemas().items():
        spec.components.schema(name, schema)
    for call in calls():
        spec.path(path=call.path, operations={call.verb: _operation(call)})
    return dict(spec.to_dict())


def calls() -> tuple[Call, ...]:
    """Every call of the interface."""
    student = group(("student",), student=ref("Student"))
    record = group(("record",), record={"anyOf": [*held_records(), {"type": "null"}]})
    unknown = {404: UNKNOWN[:1]}
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 500}
    cursor = {**COUNT, "default": 0}
    switch = group(("open",), open=BOOLEAN, applied=BOOLEAN)
    return (
        Call("get", "/rosters", "rosters", group(("rosters",), rosters=list_of(ref("Roster")))),
        Call("put", "/schools/{school}", "name_school", group(school=STRING), _named(), refused={422: ("invalid",)}),
        Call("get", f"{_ROSTER}/switch", "switch", switch),
        Call("put", f"{_ROSTER}/switch", "tell_switch", switch, _switched(), refused={422: ("invalid",)}),
        Call(
            *("get", f"{_ROSTER}/students", "changes", _page("students", ref("Student"))),
            query={"updated_since": cursor, "limit": limit},
        ),
        Call(
            *("put", f"{_ROSTER}/students", "upload", _counts("new", "changed", "unchanged"), _batch("WrittenStudent")),
            refused={413: ("too_large",), 422: ("invalid",)},
        ),
        Call(
            *("post", f"{_ROSTER}/students/remove", "remove_many", _counts("removed"), _numbers()),
            refused={409: ("switch_open",), 413: ("too_large",)},
        ),
        Call(
            *("get", f"{_ROSTER}/edits", "edits", _page("edits", ref("Edit"))),
            query={"after": cursor, "limit": limit},
        ),
        Call("get", _STUDENT, "view", _viewed(), refused=unknown),
        Call("put", _STUDENT, "put_student", student, ref("StudentFields"), refused={422: ("invalid",)}),
        Call(
            *("patch", _STUDENT, "change_student", student, ref("SomeStudentFields")),
            refused={**unknown, 409: ("removed",), 422: ("invalid",)},
        ),
        Call("delete", _STUDENT, "remove_student", student, refused=unknown),
        Call("post", f"{_STUDENT}/restore", "restore_student", student, refused=unknown),
        Call("get", f"{_STUDENT}/records/{{kind}}", "record", record, refused=unknown),
        Call(
            *("put", f"{_STUDENT}/records/{{kind}}", "report", ref("Outcome"), ref("Report")),
            refused={**unknown, 409: ("key_reused",), 422: ("invalid",)},
            keyed=True,
        ),
    )


def _operation(call: Call) -> Told:
    texts = words()["calls"][call.name]
    in_path = [name for name in _IN_PATH if f"{{{name}}}" in call.path]
    told: Told = {
        "operationId": call.name,
        "tags": ["employment_system"],
        "summary": texts["summary"],
        "description": texts.get("description", texts["summary"]),
        "parameters": [
            *({"in": "path", "name": name, "required": True, "schema": _IN_PATH[name]} for name in in_path),
            *({"in": "query", "name": name, "schema": schema} for name, schema in call.query.items()),
            *([_key()] if call.keyed else []),
        ],
        "responses": {"200": _response(200, call.answer)} | _refusals(call),
    }
    if call.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": call.body}}}
    return told


def _refusals(call: Call) -> Told:
    common: Mapping[int, Sequence[str]] = {401: ("unauthenticated",), 503: ("unavailable",)}
    if call.body is not None or call.query:
        common = {400: ("malformed",), **common}
    if "{cohort}" in call.path:
        common = {**common, 404: UNKNOWN}
    codes = {**common, **call.refused}
    return {str(status): _refusal(status, codes[status]) for status in sorted(codes)}


def _refusal(status: int, codes: Sequence[str]) -> Told:
    told = _response(status, with_fields(ref("Refusal"), code=enum(codes)))
    return {**told, "x-retried": status in RETRIED or set(codes) <= set(UNKNOWN)}


def _response(status: int, schema: Told) -> Told:
    text = words()["answers"][str(status)]
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _key() -> Told:
    return {
        "in": "header",
        "name": "Idempotency-Key",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def _viewed() -> Told:
    held = {"oneOf": [ref("HeldDestination"), {"type": "null"}]}
    return group(("student", "destination"), student=ref("Student"), destination=held)


def _named() -> Told:
    return group(("name",), name={"type": "string", "minLength": 1, "maxLength": 200})


def _switched() -> Told:
    return group(("open",), open=BOOLEAN, sequence={"oneOf": [SEQUENCE, {"type": "null"}]})


def _numbers() -> Told:
    return group(("exam_numbers",), exam_numbers=list_of(NUMBER, maxItems=BATCH))


def _batch(schema: str) -> Told:
    return group(("students",), students=list_of(ref(schema), maxItems=BATCH))


def _counts(*names: str) -> Told:
    return group(names, **dict.fromkeys(names, COUNT))


def _page(name: str, schema: Told) -> Told:
    properties = {name: list_of(schema), "cursor": said("cursor", COUNT), "more": said("more", BOOLEAN)}
    return group((name, "cursor", "more"), **properties)


def _limits() -> dict[str, str]:
    breaker = Breaker()
    return {
        "page": f"{PAGE_SECONDS:g}",
        "call": f"{CALL_SECONDS:g}",
        "batch": f"{BATCH_SECONDS:g}",
        "most": str(BATCH),
        "limit": str(breaker.limit),
        "rest": f"{breaker.rest:g}",
        "poll": str(POLL_SECONDS),
    }
