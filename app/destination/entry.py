"""How a type is filled in on a page: its fields in groups, each with the right control, what was sent, errors, opinions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.codes import queries as codes
from app.destination.types.declared import DestinationType, Field, Proof
from app.destination.types.kinds import Code, kind_of

PREFIX = "data."
# So few choices are shown as large buttons, more as a list to open.
_FEW = 4
_CONTROLS = {
    "long_text": "textarea",
    "region": "region",
    "date": "date",
    "phone": "tel",
    "email": "email",
    "uri": "url",
    "uscc": "uscc",
    "money": "money",
    "number": "number",
    "flag": "checkbox",
}
_PERSON = frozenset(("contact", "phone", "email"))
_PAY = frozenset(("pay", "pay_unit"))


@dataclass(frozen=True)
class Entry:
    """One field as the form shows it."""

    name: str
    label: str
    control: str
    value: Any
    shown: str
    required: bool
    hint: str
    limit: int | None
    options: Sequence[tuple[str, str]]
    errors: Sequence[Any]
    opinion: str


def groups_of(
    kind: DestinationType,
    values: Mapping[str, Any],
    errors: Mapping[str, Sequence[Any]] | None = None,
    opinions: Mapping[str, str] | None = None,
) -> list[tuple[str, list[Entry]]]:
    """(title, fields) of a type in the order of its declaration: what it is, the pay, whom to ask there.

    `values`: field → what was filled in or sent; `errors` and `opinions` by path, e.g. "data.phone".
    """
    entries = [(field.name, entry_of(field, values, errors or {}, opinions or {})) for field in kind.fields]
    titles = {"main": _("What you register"), "pay": _("Pay"), "person": _("Who can be asked there")}
    found: dict[str, list[Entry]] = {name: [] for name in titles}
    for name, entry in entries:
        found["person" if name in _PERSON else "pay" if name in _PAY else "main"].append(entry)
    return [(titles[name], rows) for name, rows in found.items() if rows]


def entry_of(
    field: Field, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]], opinions: Mapping[str, str]
) -> Entry:
    """One field of a type with what was filled in."""
    kind, value = kind_of(field), values.get(field.name, "")
    options = kind.offered(field) if isinstance(kind, Code) else ()
    limit = field.most or kind.most
    control = _CONTROLS.get(field.kind, "text")
    if isinstance(kind, Code):
        control = "choices" if len(options) <= _FEW else "select"
    return Entry(
        name=PREFIX + field.name,
        label=field.label,
        control=control,
        value=value,
        shown=codes.region_label(str(value)) if control == "region" and value else "",
        required=field.required and not field.unless,
        hint=field.hint,
        limit=limit if control in ("text", "textarea") else None,
        options=options,
        errors=errors.get(PREFIX + field.name, ()),
        opinion=opinions.get(PREFIX + field.name, ""),
    )


def sent_record(kind: DestinationType, form: Mapping[str, str]) -> dict[str, Any]:
    """What a posted form says about the fields of a type; blank ones are left out."""
    found: dict[str, Any] = {}
    for field in kind.fields:
        text = form.get(PREFIX + field.name, "").strip()
        if field.kind == "flag":
            found[field.name] = bool(text)
        elif text:
            found[field.name] = text
    return found


def labels_of(kind: DestinationType) -> dict[str, str]:
    """Path → label of everything that a refusal can be about, for the list on top of the form."""
    fields = {PREFIX + field.name: field.label for field in kind.fields}
    return {**fields, **{proof.kind: proof.label for proof in kind.proofs}}


def proof_entries(
    kind: DestinationType, errors: Mapping[str, Sequence[Any]], opinions: Mapping[str, str]
) -> list[tuple[Proof, Sequence[Any], str]]:
    """(proof, errors, opinion) of a type."""
    return [(one, errors.get(one.kind, ()), opinions.get(one.kind, "")) for one in kind.proofs]
