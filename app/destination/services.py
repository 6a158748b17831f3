"""How a destination is written by its graduate, and how operators change types and wages: the row wins over the entry (R7.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect, select

from app.access import audit
from app.access.actors import Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Invalid, NotFound
from app.cases.services import Body, Writing, begin_case, held_record, own_graduate
from app.codes import queries as codes
from app.codes.forms import read
from app.codes.guards import period_is_possible
from app.codes.services import new_version
from app.destination.forms import DestinationForm, TypeEdit, named_type, read_record
from app.destination.guards import refuse_other_types
from app.destination.models import Destination, DestinationTypeRow, MinimumWage
from app.destination.queries import open_change
from app.workflow import engine, registry

TYPES_VIEW, WAGES_VIEW = "destination_types", "minimum_wages"


def _changed(body: Body, actor: Actor) -> Destination | None:
    """The registration that shall change."""
    return held_record("destination", body.get("change_of"), actor)


def _open(body: Body, actor: Actor) -> Destination:
    changed = _changed(body, actor) if body.get("change_of") is not None else None
    if changed is None and body.get("change_of") is not None:
        raise Invalid({"change_of": [_("Please give a whole number.")]})
    case: Destination = Destination.of(own_graduate(actor), type="", data={"type": "", "data": {}})
    case.change_of = changed.id if changed else None
    return case


def begin_change(case_id: int, *, actor: Actor) -> Destination:
    """A draft of the change of one's approved registration, as it is now; the one that there is already, if any.

    Raises NotFound, Forbidden, Conflict.
    """
    with transaction():
        old: Destination = engine.load(registry.get("destination"), case_id, actor=actor)
        there = open_change(old)
        if there is not None:
            return there
        body = {**old.data, "change_of": case_id}
        new: Destination = begin_case("destination", body, actor=actor, submit=False)
    return new


def _write(case: Destination, body: Body, *, actor: Actor, whole: bool) -> None:
    """Kinds and codes alone: what is missing, proofs too, is found when it is handed in."""
    del actor, whole
    kind = named_type(body)
    refuse_other_types(case.graduate, kind)
    sent = body.get("data")
    record = read_record(kind, {} if sent is None else sent, complete=False)
    case.type, case.data = kind.code, {"type": kind.code, "data": record}


WRITING = Writing(form=DestinationForm, find=_changed, open=_open, write=_write)


def edit_destination_type(code: str, values: Mapping[str, Any], *, actor: Actor) -> DestinationTypeRow:
    """Change label, order, validity, hints, what is required, and the papers of a type; all readers follow at once.

    `values` as TypeEdit. For operators. Records that were handed in keep what they hold. Raises Forbidden, NotFound,
    Invalid.
    """
    require(actor, "can_edit", TYPES_VIEW)
    clean = read(TypeEdit, values)
    with transaction():
        new_version()  # holds the version row: a second editor waits; every process then reads the types anew
        row = session.get(DestinationTypeRow, code, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound()
        row.label, row.position = clean["label"], clean["position"]
        row.valid_from, row.valid_to = clean["valid_from"], clean["valid_to"]
        row.content = {
            **row.content,
            "hint": clean["hint"],
            "fields": [_edited(one, clean["fields_"].get(one["name"])) for one in row.content["fields"]],
            "proofs": _papers(row.content["proofs"], clean["proofs"]),
        }
        _sign(row, TYPES_VIEW, actor)
    return row


def save_minimum_wage(row: MinimumWage, *, actor: Actor) -> None:
    """Save a new or changed line of the minimum wages; the caller has set its fields within transaction().

    For operators. Raises Forbidden, Invalid with the fields.
    """
    require(actor, "can_edit" if inspect(row).persistent else "can_add", WAGES_VIEW)
    errors: dict[str, list[Any]] = {}
    with transaction(), session.no_autoflush:
        if not codes.region_exists(row.region):
            errors["region"] = [_("Please choose from the list.")]
        for name in ("monthly", "hourly"):
            amount = getattr(row, name)
            if amount is not None and not 0 < amount < 1_000_000:
                errors[name] = [_("Please give an amount in yuan, such as 8000.00.")]
        period_is_possible(row, errors)
        if not errors and _is_there_already(row):
            errors["valid_from"] = [_("There is already a line of this place from this day on.")]
        if errors:
            raise Invalid(errors)
        _sign(row, WAGES_VIEW, actor)


def _edited(field: Mapping[str, Any], new: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**field, **new} if new else dict(field)


def _papers(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The papers in the order of the form; a new one gets a kind that no other has."""
    known = {one["kind"]: one for one in old}
    papers: list[dict[str, Any]] = []
    for one in new:
        if not one["label"]:
            continue
        kind = one["kind"] if one["kind"] in known else _free_kind({*known, *(paper["kind"] for paper in papers)})
        papers.append({"most": 9, **known.get(kind, {}), **one, "kind": kind})
    return papers


def _free_kind(taken: set[str]) -> str:
    number = 1
    while f"paper_{number}" in taken:
        number += 1
    return f"paper_{number}"


def _is_there_already(row: MinimumWage) -> bool:
    query = select(MinimumWage.id).where(
        MinimumWage.region == row.region,
        MinimumWage.valid_from.is_not_distinct_from(row.valid_from),
        MinimumWage.id != (row.id or 0),
    )
    return session.scalar(query) is not None


def _sign(row: Any, view: str, actor: Actor) -> None:
    audit.record("can_edit", actor=actor, subject=f"{view} {row}"[:128], detail=_changes(row))
    row.edited_at, row.edited_by = clock.now(), actor.username or actor.kind
    session.add(row)


def _changes(row: Any) -> dict[str, Any]:
    history = {attr.key: attr.history for attr in inspect(row).attrs}
    return {
        name: [None if value is None else str(value)[:2000] for value in (*(old.deleted or [None]), *old.added)]
        for name, old in history.items()
        if old.has_changes()
    }
