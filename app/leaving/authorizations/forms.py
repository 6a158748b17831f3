"""Shape of an authorization: to whom, which parts, until when."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields

from app.base import clock
from app.codes.forms import Day, FormSchema, Text, told

PARTS: Final = ("destination", "archive", "hukou")


def last_day() -> date:
    """Until when an authorization may hold at most: a year from today."""
    today = clock.today()
    return today.replace(year=today.year + 1, day=28 if (today.month, today.day) == (2, 29) else today.day)


class Parts(fields.Field[list[str]]):
    """Some of the parts, each once."""

    default_error_messages = {"required": _("Please choose at least one."), "null": _("Please choose at least one.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**told(options, type="array", items={"type": "string", "enum": list(PARTS)}, minItems=1))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(one, str) and one in PARTS for one in value):
            raise ValidationError(_("Please choose from the list."))
        if not value:
            raise self.make_error("required")
        return [one for one in PARTS if one in value]


class Until(Day):
    """A day from today on, a year ahead at most."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> date | None:
        day = super()._deserialize(value, attr, data, **options)
        if day is not None and not clock.today() <= day <= last_day():
            raise ValidationError(
                _("Please give a day from today to %(day)s, which is a year ahead.", day=last_day().isoformat())
            )
        return day


class AuthorizationForm(FormSchema):
    """To whom, which parts, until when."""

    to = Text(64, required=True, metadata={"label": _("Who may check")})
    fields_ = Parts(data_key="fields", required=True)
    until = Until(required=True)
