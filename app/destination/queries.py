"""Destinations that a reader may see, and how a record reads: used by lists, pages, API and exports alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.destination.catalogue import all_types, type_of
from app.destination.models import OPEN, Destination
from app.destination.types.declared import DestinationType, Field
from app.destination.types.kinds import kind_of
from app.workflow import history

# The fields that say where somebody goes; the first one that is filled in counts.
_PLACES = ("employer", "school_name", "shop", "incubator", "project")


def destinations_visible_to(actor: Actor) -> Select[tuple[Destination]]:
    """All destinations in the actor's scope, ready to be filtered, ordered and paged."""
    return select(Destination).where(in_scope(Destination, actor)).options(*Destination.eager_options())


def type_label(code: str | None) -> str:
    """What a type is called; the code itself when it is no longer known."""
    kind = type_of(code)
    return kind.label if kind else code or ""


def type_choices() -> list[tuple[str, str]]:
    """(code, label) of every type, ended ones too, for filters of lists."""
    return [(kind.code, kind.label) for kind in all_types().values()]


def words_of(case: Destination, name: str) -> str:
    """One field of a case as a person reads it; "" where it is empty or the type has no such field."""
    kind = type_of(case.type)
    field = kind.field(name) if kind else None
    return _words(field, case.record.get(name)) if field else ""


def place_of(case: Destination) -> str:
    """Where the graduate goes, in one line: the unit, school, shop or project of the record; "" where there is none."""
    return next((words for words in (words_of(case, name) for name in _PLACES) if words), "")


def record_rows(case: Destination) -> list[tuple[str, str]]:
    """The whole record as (label, words), the type first; what is empty reads "". For pages and reviews."""
    kind = type_of(case.type)
    rows = [(str(_("Destination")), type_label(case.type))]
    if kind is not None:
        rows += [(field.label, _words(field, case.record.get(field.name))) for field in kind.fields]
    return rows


def opinion_fields(case: Destination) -> list[tuple[str, str]]:
    """What a reviewer can give an opinion on when returning the case: path and label of type, fields and proofs."""
    kind = type_of(case.type)
    fields = [("type", str(_("Destination")))]
    if kind is not None:
        fields += [(f"data.{field.name}", field.label) for field in kind.fields]
        fields += [(proof.kind, proof.label) for proof in kind.proofs]
    return fields


def change_rows(changes: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The `changes` of a correction as (label, before, after) in words; each side reads by its own type."""
    before, after = changes["type"]
    rows = [(str(_("Destination")), type_label(before), type_label(after))] if before != after else []
    for path, (old, new) in changes.items():
        name = path.removeprefix("data.")
        if path == name:
            continue
        old_field, new_field = _field(before, name), _field(after, name)
        known = new_field or old_field
        rows.append((known.label if known else name, _words(old_field or known, old), _words(known, new)))
    return rows


def change_lines(changes: Mapping[str, Any]) -> list[str]:
    """The same as sentences for a timeline."""
    rows = change_rows(changes) if "type" in changes else []
    empty = str(_("empty"))
    return [f"{label} {old or empty} → {new or empty}" for label, old, new in rows]


def compared(case: Destination) -> list[tuple[str, str, str]]:
    """What differs from the version that the case shall replace, in words; [] where it is no change."""
    old = session.get(Destination, case.change_of) if case.change_of else None
    return change_rows(differences(old.data, case.data)) if old is not None else []


def open_change(case: Destination) -> Destination | None:
    """What has been begun to take the place of this one and is not decided."""
    return session.scalar(select(Destination).where(Destination.change_of == case.id, Destination.stage.in_(OPEN)))


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What differs between two records: "data.<field>" → before, after; "type" in any case, as fields are read by it."""
    changes = {"type": [before["type"], after["type"]]}
    for name in {**before["data"], **after["data"]}:
        old, new = before["data"].get(name), after["data"].get(name)
        if old != new:
            changes[f"data.{name}"] = [old, new]
    return changes


def amendments_of(case: Destination) -> list[dict[str, Any]]:
    """Every correction by a reviewer, oldest first: at, actor, role, reason and the changed rows (R8.6).

    The caller has checked that the reader may see the case: its graduate, too, sees before and after.
    """
    return [
        {
            "at": row.at,
            "actor": row.actor,
            "role": row.role,
            "reason": row.reason,
            "changes": change_rows(row.detail["changes"]),
        }
        for row in history.of_case(case.workflow_name, case.id)
        if row.event == "amend"
    ]


def _field(code: str | None, name: str) -> Field | None:
    kind: DestinationType | None = type_of(code)
    return kind.field(name) if kind else None


def _words(field: Field | None, value: Any) -> str:
    if value in (None, ""):
        return ""
    return kind_of(field).words(field, value) if field else str(value)
