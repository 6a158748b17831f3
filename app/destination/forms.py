"""Shape of the input: a destination, a type's record checked by its fields, and a type as operators edit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validates_schema

from app.base import clock
from app.base.errors import Invalid
from app.codes.forms import Day, Flag, FormSchema, Group, Named, Text, Whole, sort_out
from app.destination.catalogue import type_of
from app.destination.types.declared import DestinationType
from app.destination.types.kinds import kind_of

LONGEST_REASON = 500
LONGEST_HINT = 200
MOST_PROOFS = 9


class DestinationForm(FormSchema):
    """What is registered; the fields of `data` are those of the type (dictionaries/destination_types)."""

    type = Text(8, required=True)
    data = fields.Dict(
        load_default=dict, metadata={"description": "the fields of the type", "x-dictionary": "destination_types"}
    )
    change_of = fields.Integer(
        strict=True, allow_none=True, metadata={"description": "the approved one of which this is a new version"}
    )


class AmendForm(DestinationForm):
    """修改去向: the corrected record, and why (R8.6)."""

    class Meta(FormSchema.Meta):
        """A correction stays what it is."""

        exclude = ("change_of",)

    reason = Text(LONGEST_REASON)


class GiveUpForm(FormSchema):
    """Why the graduate voids the registration; may stay empty (R7.11)."""

    reason = Text(LONGEST_REASON)


def named_type(body: Mapping[str, Any]) -> DestinationType:
    """The type that a body names; raises Invalid at `type` for any that cannot be registered today."""
    code = body.get("type")
    if not code:
        raise Invalid({"type": [_("Please choose where you are going.")]})
    found = type_of(code) if isinstance(code, str) else None
    if found is None or not found.is_valid_on(clock.today()):
        raise Invalid({"type": [_("“%(code)s” is not in the list. Please choose from the list.", code=str(code)[:32])]})
    return found


def record_form(kind: DestinationType, values: Mapping[str, Any], *, complete: bool) -> Schema:
    """The marshmallow form of a type's fields beside what is filled in; a draft's asks for none of them."""
    declared = {
        field.name: kind_of(field).check(field, required=complete and field.is_asked(values)) for field in kind.fields
    }
    form: type[Schema] = FormSchema.from_dict(declared, name=f"Destination{kind.code}")
    return form()


def read_record(kind: DestinationType, sent: Any, *, complete: bool = True) -> dict[str, Any]:
    """The clean record of a type, ready to be kept; raises Invalid with every problem at data.<field>.

    Blank and unknown fields are left out. `complete`: what is required must be there; else only kinds and codes are
    looked at, as for a draft.
    """
    clean, errors = check_record(kind, sent, complete=complete)
    if errors:
        raise Invalid(errors)
    return clean


def check_record(kind: DestinationType, sent: Any, *, complete: bool) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The same without raising: what can be kept, and the problems at their fields."""
    if not isinstance(sent, Mapping):
        return {}, {"data": [_("This group of fields cannot be read. Please check it.")]}
    filled = {name: value for name, value in sent.items() if not _is_blank(value)}
    clean, errors = sort_out(record_form(kind, filled, complete=complete), filled)
    kept = {
        field.name: kind_of(field).stored(clean[field.name])
        for field in kind.fields
        if clean.get(field.name) not in (None, "")
    }
    return kept, {f"data.{name}": texts for name, texts in errors.items()}


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class FieldEdit(FormSchema):
    """What operators change of one field; its name and kind are the program's."""

    label = Text(64, required=True)
    hint = Text(LONGEST_HINT, load_default="")
    required = Flag(load_default=False)


class ProofEdit(FormSchema):
    """One paper; without `kind` it is a new one, without `label` it is taken away."""

    kind = Text(32, load_default="")
    label = Text(64, load_default="")
    hint = Text(LONGEST_HINT, load_default="")
    required = Flag(load_default=False)


class TypeEdit(FormSchema):
    """A destination type as the form of the operators sends it."""

    label = Text(64, required=True)
    hint = Text(LONGEST_HINT, load_default="")
    position = Whole(0, 100_000, required=True)
    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(load_default=None, allow_none=True)
    fields_: Any = Named(keys=fields.String(), values=Group(FieldEdit), data_key="fields", load_default=dict)
    proofs = fields.List(Group(ProofEdit), load_default=list)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_options: Any) -> None:
        """The last valid day does not lie before the first; a form has only so many papers."""
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            raise ValidationError({"valid_to": [_("The last valid day lies before the first one.")]})
        if sum(bool(one["label"]) for one in data["proofs"]) > MOST_PROOFS:
            raise ValidationError({"proofs": [_("At most %(most)s kinds of papers.", most=MOST_PROOFS)]})
