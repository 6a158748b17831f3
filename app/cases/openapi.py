"""What the description says of a workflow: the shape of a case, and one address for each event of the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from marshmallow import Schema, fields

from app.access.roles import callable_events
from app.fab.openapi import Api, Operation, operations_of
from app.fab.shapes import (
    BOOLEAN,
    CODE,
    FILE,
    INTEGER,
    OBJECT,
    STRING,
    Moment,
    Shape,
    Words,
    enum,
    group,
    list_of,
    with_fields,
)
from app.workflow.table import Transition, Workflow
from app.workflow.waiting import Then

MOST_IN_BULK = 10_000
ORIGINAL = {**BOOLEAN, "default": False, "description": "The file as it was sealed, though the matter is over"}
_VERSION = {**INTEGER, "minimum": 1, "description": "The version that was read; another one is refused with 409 stale"}
_SUBMIT = {**BOOLEAN, "default": True, "description": "false leaves a draft, of which nothing is required yet"}


class GraduateOfCaseShape(Shape):
    """The graduate as submitted where the case keeps a copy."""

    id = fields.Integer()
    name = fields.String()
    id_number = fields.String(metadata={"description": "masked"})
    school = fields.String()
    department = fields.String()
    level = fields.String()
    major = fields.String()


class UnitOfCaseShape(Shape):
    """The unit, as frozen on the agreement once it is complete."""

    id = fields.Integer(allow_none=True)
    name = fields.String(allow_none=True)
    uscc = fields.String(allow_none=True)


class AttachmentShape(Shape):
    """A kept file; its bytes are at /attachments/{id}."""

    id = fields.Integer()
    kind = fields.String()
    name = fields.String()
    sha256 = fields.String()
    size = fields.Integer()


class StepShape(Shape):
    """One transition of the past."""

    event = fields.String()
    from_ = fields.String(data_key="from", allow_none=True)
    to = fields.String()
    actor = fields.String()
    role = fields.String()
    at = Moment()
    reason = fields.String(allow_none=True)


class DueShape(Shape):
    """Until when somebody has to act."""

    at = Moment()
    days_waited = fields.Integer(metadata={"description": "Whole days since the record came to where it is"})
    then = Words(*map(str, Then))


class CaseShape(Shape):
    """A record of any workflow; records.py writes it."""

    id = fields.Integer()
    workflow = fields.String()
    state = fields.String()
    version = fields.Integer(metadata={"description": "Grows with every change; send it back with what you decide"})
    label = fields.String(metadata={"description": "The state as the caller reads it"})
    cohort = fields.Integer(allow_none=True)
    graduate = fields.Nested(GraduateOfCaseShape, allow_none=True)
    employer = fields.Nested(UnitOfCaseShape, allow_none=True)
    number = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True, metadata={"description": "What the unit's own system calls it"})
    data = fields.Dict()
    due = fields.Nested(DueShape, allow_none=True, metadata={"description": "null where nobody has to act"})
    attachments = fields.List(fields.Nested(AttachmentShape))
    events = fields.List(fields.String(), metadata={"description": "What the caller can do with it now"})
    history = fields.List(fields.Nested(StepShape))
    created_at = Moment()
    updated_at = Moment()


class OutcomeShape(Shape):
    """What became of one case of a bulk call: its new state, or why not."""

    id = fields.Integer()
    ok = fields.Boolean()
    state = fields.String()
    code = fields.String()
    message = fields.String()


class ReviewerShape(Shape):
    """A colleague to whom records can be given."""

    username = fields.String()
    name = fields.String()
    waiting = fields.Integer(metadata={"description": "Records of all lists that are assigned to them and wait"})


class ConcernedUnitShape(Shape):
    """A unit of the records of a bulk call."""

    name = fields.String()
    uscc = fields.String(allow_none=True)
    count = fields.Integer()
    warning = fields.List(fields.String())
    register_state = fields.String(allow_none=True)
    stands_out = fields.Boolean()


OUTCOMES = group(
    ("result",), result=list_of(OutcomeShape(partial=("state", "code", "message"))), units=list_of(ConcernedUnitShape())
)
_IDS = list_of({"type": "integer", "minimum": 1}, minItems=1, maxItems=MOST_IN_BULK)
_QUERY = {**OBJECT, "description": "Instead of ids: plain parameters of the list, for all that match"}
ASSIGNED = group(
    ("to",),
    ids=_IDS,
    query=_QUERY,
    to={"type": ["string", "null"], "description": "A colleague's user name; null: nobody"},
)
TAKEN_BACK = group(ids=_IDS, job_id={**INTEGER, "description": "Instead of ids: the bulk job that has decided"})


class CaseApi(Api, Protocol):
    """What is asked of a workflow's API here."""

    @property
    def create_form(self) -> type[Schema] | None:
        """What a case is made of."""

    @property
    def attachment_kinds(self) -> Sequence[str]:
        """The kinds of files that every case takes."""

    @property
    def table(self) -> Workflow:
        """The workflow's table."""

    def form_of(self, event: str) -> type[Schema] | None:
        """The shape of the event's data."""


def described(api: CaseApi) -> Iterator[Operation]:
    """Every operation of a workflow's API with the forms that it names."""
    for one in operations_of(api):
        if one.name in ("fire", "fire_bulk"):
            yield from _by_event(api, one)
        elif one.name == "post":
            drafts = "put" not in api.exclude_route_methods
            more: dict[str, Any] = {"submit": _SUBMIT} if drafts else {}
            begun = (*api.table.initial, *(api.table.named("submit") if drafts else ()))
            form = with_fields(api.create_form, **more, **_code(begun))
            yield replace(one, said=replace(one.said, body=form))
        elif one.name == "put":
            yield replace(one, said=replace(one.said, body=with_fields(api.create_form, version=_VERSION)))
        elif one.name == "attach":
            kind = enum(api.attachment_kinds) if api.attachment_kinds else STRING
            yield replace(one, said=replace(one.said, upload={"kind": kind, "file": FILE}))
        else:
            yield one


def _by_event(api: CaseApi, one: Operation) -> Iterator[Operation]:
    for event in callable_events(api.table):
        if api.table.named(event):
            yield replace(
                one,
                path=one.path.replace("<string:event>", event),
                name=f"{one.name}.{event}",
                event=event,
                said=replace(one.said, body=_body(api, event, many=one.name == "fire_bulk")),
            )


def _body(api: CaseApi, event: str, *, many: bool) -> Any:
    form = api.form_of(event) or group()
    if not many:
        return with_fields(form, version=_VERSION, **_code(api.table.named(event)))
    dry = {**BOOLEAN, "default": False, "description": "The same answer, and nothing is changed"}
    units = {**BOOLEAN, "default": False, "description": "With a dry run: tell the units of the records too"}
    return with_fields(form, ids=_IDS, query=_QUERY, dry_run=dry, units=units)


def _code(rows: Iterable[Transition]) -> dict[str, Any]:
    """What binds a graduate takes a code."""
    return {"code": CODE} if any(row.proof for row in rows) else {}
