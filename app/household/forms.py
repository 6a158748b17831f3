"""How what graduates and reviewers type is read, of archive and hukou alike; the fields are in archive/ and hukou/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid, Malformed
from app.codes.forms import FormSchema, Text, sort_out
from app.household.types import kept_fields, needs_of
from app.workflow import registry


class Reason(FormSchema):
    """Beside a correction stands why it is made."""

    reason = Text(500, required=True)


def read_draft(kind: str, body: Any) -> dict[str, Any]:
    """What was typed, checked for kinds and codes only; blank fields count as not given. Raises Invalid."""
    if not isinstance(body, Mapping):
        raise Malformed(_("The request must be a JSON object."))
    form = registry.get(kind).writing.form
    clean, errors = sort_out(form(partial=True), {name: value for name, value in body.items() if value != ""})
    if errors:
        raise Invalid(errors)
    return kept_fields(kind, clean)


def missing_fields(kind: str, data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The fields that the record's type still needs, each with its sentence."""
    if not data.get("transfer_type"):
        return {"transfer_type": [_("Please choose from the list.")]}
    names = needs_of(kind, data["transfer_type"]).required
    return {name: [_("Please fill this in.")] for name in names if not data.get(name)}
