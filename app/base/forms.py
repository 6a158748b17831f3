"""Shape of input: a group of marshmallow fields, and how it is read; what fields there are is said in codes/forms.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from app.base.errors import Invalid, Malformed

TEXTS = {
    "required": _("Please fill this in."),
    "null": _("Please fill this in."),
    "invalid": _("This value cannot be read. Please check it."),
    "type": _("This value cannot be read. Please check it."),
}


class FormSchema(Schema):
    """A group of fields; unknown ones are ignored, and each speaks the reader's language.

    A function given as `validate=` raises ValidationError with a list: marshmallow takes a lazy text apart.
    """

    error_messages = {
        "type": _("This group of fields cannot be read. Please check it."),
        "unknown": _("Unknown field."),
    }

    class Meta:
        """Unknown fields are ignored, so that newer clients can talk to older servers."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Marshmallow's own words, which are English whoever reads them, give way to the house's."""
        del field_name
        _in_own_words(field_obj)


def _in_own_words(field: fields.Field[Any]) -> None:
    told = [key for key, said in field.error_messages.items() if type(said) is str]
    field.error_messages.update({key: TEXTS.get(key, TEXTS["invalid"]) for key in told})
    for part in ("inner", "key_field", "value_field"):
        if (within := getattr(field, part, None)) is not None:
            _in_own_words(within)


def read(schema: type[Schema] | Schema, data: Any) -> dict[str, Any]:
    """The cleaned input; raises Invalid with every problem at its field, nested ones as position.title.

    Raises Malformed when it is no group of fields at all.
    """
    clean, errors = sort_out(schema, data)
    if errors:
        raise Invalid(errors)
    return clean


def sort_out(schema: type[Schema] | Schema, data: Any) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The input that can be used, and the problems of the rest at their fields.

    For rules that refuse before the fields do (409 before 422). Raises Malformed when it is no group of fields.
    """
    if not isinstance(data, Mapping):
        raise Malformed(_("The request must be a JSON object."))
    form = schema if isinstance(schema, Schema) else schema()
    try:
        return dict(form.load(data)), {}
    except ValidationError as error:
        return dict(error.valid_data or {}), dict(_flat(error.messages))


def statements_of(refused: ValidationError) -> list[Any]:
    """What a single field says of its value, each statement whole: marshmallow keeps a lazy text as it is given."""
    return [text for _path, texts in _flat(refused.messages) for text in texts]


def _flat(messages: Any, prefix: str = "") -> list[tuple[str, list[Any]]]:
    if not isinstance(messages, dict):
        # A lazily translated text is a sequence of characters too.
        return [(prefix or "_", list(messages) if isinstance(messages, list | tuple) else [messages])]
    found = []
    for name, inner in messages.items():
        path = prefix if name == "_schema" else f"{prefix}.{name}" if prefix else str(name)
        found.extend(_flat(inner, path))
    return found
