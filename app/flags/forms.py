"""Shape of the input of flagged units."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates

from app.codes.forms import Code, CreditCode, Day, FormSchema, PlaceName, Text


class WarningForm(FormSchema):
    """The unit by name and credit code, one or more kinds of warning, the reason."""

    uscc = CreditCode(required=True)
    name = PlaceName(64, required=True)
    kinds = fields.List(
        Code("warning_reason", required=True),
        required=True,
        error_messages={
            "required": _("Please choose at least one kind."),
            "null": _("Please choose at least one kind."),
            "invalid": _("Please choose at least one kind."),
        },
    )
    reason = Text(500, required=True)
    evidence = Text(1000, allow_none=True)
    until = Day(allow_none=True)

    @validates("kinds")
    def at_least_one(self, value: list[str], **_options: Any) -> None:
        """A warning without a kind warns of nothing."""
        if not value:
            raise ValidationError(_("Please choose at least one kind."))
        if len(value) > 50:
            raise ValidationError(_("This value cannot be read. Please check it."))
