"""The fields that an event asks for, read from the form that checks them, so that pages and rules agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema
from marshmallow.fields import Dict
from marshmallow.validate import OneOf
from werkzeug.datastructures import MultiDict

from app.codes import forms
from app.codes import queries as codes

_LABELS = {
    "reason": _("Reason in words"),
    "reason_code": _("Reason"),
    "note": _("Note"),
    "category": _("Job category"),
    "nature": _("Nature of the unit"),
    "industry": _("Industry"),
    "explanation": _("Explanation"),
    "settlement": _("How it was settled"),
    "refresh_student": _("Take over the latest student information"),
}
_CONTROL = ("csrf_token", "rowid", "action", "next", "keep_phrase")


@dataclass(frozen=True)
class Ask:
    """One field of a confirm page; `kind` is text, select, date, number or flag."""

    name: str
    label: Any
    kind: str
    required: bool = False
    choices: Sequence[tuple[str, str]] = ()
    value: str = ""
    limit: int | None = None

    @property
    def words(self) -> str:
        """The value as a person reads it."""
        return dict(self.choices).get(self.value, str(self.value or ""))


def fields_of(form: type[Schema] | None, sent: Mapping[str, Any]) -> list[Ask]:
    """The fields of a form in its order; `sent` fills them in again. Opinions at fields have a form of their own."""
    declared = form().fields if form is not None else {}
    return [_ask(name, one, sent.get(name, "")) for name, one in declared.items() if not isinstance(one, Dict)]


def _ask(name: str, field: Any, value: str) -> Ask:
    label = _LABELS.get(name, field.metadata.get("label", name))
    if isinstance(field, forms.Code):
        return Ask(name, label, "select", field.required, _offered(field), value)
    kind = {forms.Day: "date", forms.Whole: "number", forms.Flag: "flag"}.get(type(field), "text")
    return Ask(name, label, kind, field.required, value=value, limit=getattr(field, "most", None))


def _offered(field: forms.Code) -> list[tuple[str, str]]:
    """The codes of the table, as far as this field takes them."""
    narrowed = [set(rule.choices) for rule in field.validators if isinstance(rule, OneOf)]
    return [choice for choice in codes.choices(field.table) if all(choice[0] in some for some in narrowed)]


def data_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """The event's data from a posted page: blank fields are left out, versions and ids are not data."""
    return {
        name: value
        for name, value in form.items()
        if name not in _CONTROL and not name.startswith("version-") and value.strip()
    }


def check(form: type[Schema], data: Mapping[str, Any]) -> dict[str, Any]:
    """The cleaned data; raises Invalid."""
    return forms.read(form, data)
