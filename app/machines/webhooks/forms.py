"""Shape of what is sent to set up a webhook."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates

from app.base.errors import NotFound
from app.codes.forms import Flag, FormSchema, Text
from app.machines.webhooks.guards import wrong_with
from app.workflow import registry

MOST = 100
_CHOOSE = dict.fromkeys(("required", "null", "invalid"), _("Please choose at least one kind of event."))


class Pattern(fields.String):
    """online_signing.signed, destination.* or * for everything."""

    default_error_messages = {"invalid": _("This value cannot be read. Please check it.")}

    def __init__(self) -> None:
        super().__init__(metadata={"examples": ["online_signing.signed", "destination.*"]})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if text != "*" and not _is_event(*text.partition(".")[::2]):
            raise ValidationError([_("There is no event “%(name)s”.", name=text[:64])])
        return text


def _is_event(workflow: str, state: str) -> bool:
    try:
        table = registry.get(workflow)
    except NotFound:
        return False
    return state == "*" or state in {one.name for one in table.states}


class WebhookForm(FormSchema):
    """Where to, and which events; `active` false stops it until it is true again."""

    url = Text(500, required=True)
    events = fields.List(Pattern(), required=True, metadata={"minItems": 1, "maxItems": MOST}, error_messages=_CHOOSE)
    active = Flag()

    @validates("url")
    def leads_outside(self, value: str, **_options: Any) -> None:
        """Nobody makes the platform call its own network."""
        wrong = wrong_with(value)
        if wrong is not None:
            raise ValidationError([wrong])

    @validates("events")
    def some_events(self, value: list[str], **_options: Any) -> None:
        """A webhook without events is told nothing."""
        if not value:
            raise ValidationError([_CHOOSE["required"]])
        if len(value) > MOST:
            raise ValidationError([_("At most %(most)s entries.", most=MOST)])
