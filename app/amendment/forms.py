"""Which terms of an agreement can be mended, and the shape of a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields

from app.base.errors import Invalid
from app.codes.dictionaries import register_dictionary
from app.codes.forms import FormSchema, Text, Whole, sort_out
from app.signing.online.forms import LABELS, ArchiveForm, HukouForm, KeptPositionForm, PositionForm

LONGEST_REASON = 500
# Field by field: never the parties, the number, the damages and the supplementary terms.
AMENDABLE = {
    name: label
    for name, label in LABELS.items()
    if name.startswith(("position.", "archive.", "hukou.")) and name != "position.liquidated_damages"
}
_FORMS: Mapping[str, type[Schema]] = {"archive": ArchiveForm, "hukou": HukouForm}


class StartForm(FormSchema):
    """What one side proposes: the new value of each field that shall change, and why."""

    signing_id = Whole(1, 2**63 - 1, required=True)
    changes = fields.Dict(
        required=True,
        error_messages={"required": _("Please fill this in."), "null": _("Please fill this in.")},
        metadata={"description": "field → new value", "x-dictionary": "amendable_fields"},
    )
    reason = Text(LONGEST_REASON)


class RefuseForm(FormSchema):
    """The other side may say why the agreement shall stay as it is."""

    reason = Text(LONGEST_REASON)


def proposed(terms: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What really changes, as field → {"from", "to"}, when these values take the place of those of the agreement.

    Raises Invalid: a field that cannot be mended, a value that a letter could not hold, nothing changed.
    """
    errors: dict[str, Any] = {
        f"changes.{name}": [_("This cannot be amended.")] for name in sent if name not in AMENDABLE
    }
    changes: dict[str, dict[str, Any]] = {}
    for part in dict.fromkeys(name.partition(".")[0] for name in sent if name in AMENDABLE):
        clean, wrong = sort_out(_form(part, sent), {**terms[part], **_sent_of(part, sent)})
        errors |= {f"changes.{part}.{name}": texts for name, texts in wrong.items()}
        new = {name: value.isoformat() if isinstance(value, date) else value for name, value in clean.items()}
        changes |= _differences(part, terms[part], new)
    if errors:
        raise Invalid(errors)
    if not changes:
        raise Invalid({"changes": [_("Nothing has been changed.")]})
    return changes


def amended(terms: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The terms of an agreement with the changes in them."""
    new: dict[str, Any] = dict(terms)
    for field, change in changes.items():
        part, _dot, name = field.partition(".")
        new[part] = {**new[part], name: change["to"]}
    return new


def _form(part: str, sent: Mapping[str, Any]) -> type[Schema]:
    # A day to report for work that has passed since is no mistake of who changes something else.
    return _FORMS.get(part) or (PositionForm if "position.report_by" in sent else KeptPositionForm)


def _sent_of(part: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(f"{part}."): value for name, value in sent.items() if name.startswith(f"{part}.")}


def _differences(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    names = [name for name in new if f"{part}.{name}" in AMENDABLE]
    told = {name: (old.get(name), new[name]) for name in names}
    blank = (None, "")
    return {
        f"{part}.{name}": {"from": before, "to": after}
        for name, (before, after) in told.items()
        if before != after and not (before in blank and after in blank)
    }


register_dictionary(
    "amendable_fields", lambda day: [{"code": code, "label": str(label)} for code, label in AMENDABLE.items()]
)
