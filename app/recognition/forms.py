"""What a unit says of a record that names it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validates_schema

from app.codes.forms import Flag, FormSchema, Text


class AnswerForm(FormSchema):
    """Theirs or not; why not is said."""

    ours = Flag(required=True)
    reason = Text(200, load_default="", allow_none=True)

    @validates_schema
    def says_why(self, data: dict[str, Any], **_options: Any) -> None:
        """Who says that a record is not theirs says why."""
        if not data["ours"] and not (data.get("reason") or "").strip():
            raise ValidationError({"reason": [_("Please fill this in.")]})
