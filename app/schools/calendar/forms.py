"""Shape of the days that a school sets."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validates_schema

from app.codes.forms import Day, FormSchema, Group


class WindowForm(FormSchema):
    """From a day until a day, both inclusive."""

    from_ = Day(data_key="from", required=True)
    until = Day(required=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **options: Any) -> None:
        if data["until"] < data["from_"]:
            raise ValidationError([_("The last day comes before the first.")], "until")


class CalendarForm(FormSchema):
    """What can be set; whatever is absent stays as it is, null closes a window."""

    leaving = Group(WindowForm, allow_none=True)
